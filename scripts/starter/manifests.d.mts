/** The emotions, in the model's order. */
export const CLASSES: string[];
/** Writes meld.jsonl, ravdess.jsonl and faces.jsonl into a folder. @param splits what settings.json says of them. */
export function writeManifests(data: string, out: string, splits: object): void;
/** The split of each picture of a class, by its file name. */
export function faceSplits(folder: string, seed: number): Map<string, string>;
