/** A JPEG as a page shows it. */
export function pictureUrl(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  let letters = '';
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return `data:image/jpeg;base64,${btoa(letters)}`;
}
