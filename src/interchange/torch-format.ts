/** What to say of files that torch wrote before 1.6; follows the file's name. */
export const OLD_TORCH_FORMAT =
  'is in the format of torch.save before PyTorch 1.6, which is not read here. Convert it once in Python: torch.save(torch.load("old.pt", weights_only=True, map_location="cpu"), "new.pt").';
