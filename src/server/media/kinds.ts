/** What an upload holds, by its first bytes. */
export type MediaKind = 'sound' | 'film' | 'picture';

/** Bytes that tell it. */
export const HEAD_BYTES = 64;

/** The containers that are taken, in words. */
export const TAKEN =
  'WAV, AIFF, FLAC, MP3, AAC, Ogg, MP4, MOV, WebM, Matroska and AVI for sound and films; JPEG, PNG and WebP for pictures';

const at = (head: Uint8Array, offset: number, text: string): boolean =>
  head.length >= offset + text.length && [...text].every((letter, i) => head[offset + i] === letter.charCodeAt(0));

const QUICKTIME = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'];

/**
 * The kind of what begins with these bytes; undefined where it is none that is taken. Names and types that a client
 * gives are not believed. Films may hold sound alone; the decoder, which opens no other kinds either, sees that.
 */
export function mediaKind(head: Uint8Array): MediaKind | undefined {
  if (at(head, 0, 'RIFF')) {
    if (at(head, 8, 'WAVE')) return 'sound';
    if (at(head, 8, 'AVI ')) return 'film';
    return at(head, 8, 'WEBP') ? 'picture' : undefined;
  }
  if (at(head, 0, 'FORM') && (at(head, 8, 'AIFF') || at(head, 8, 'AIFC'))) return 'sound';
  if (at(head, 0, 'fLaC') || at(head, 0, 'ID3')) return 'sound';
  if (at(head, 0, 'OggS')) return 'film';
  if (QUICKTIME.some((name) => at(head, 4, name))) return 'film';
  if (at(head, 0, '\x1a\x45\xdf\xa3')) return 'film';
  if (at(head, 0, '\xff\xd8\xff') || at(head, 0, '\x89PNG\r\n\x1a\n')) return 'picture';
  // MPEG audio and ADTS: eleven or twelve bits that are set, then a layer that there is.
  if (head.length >= 2 && head[0] === 0xff && (head[1] & 0xe0) === 0xe0) return isFrame(head[1]) ? 'sound' : undefined;
  return undefined;
}

function isFrame(second: number): boolean {
  const adts = (second & 0xf6) === 0xf0;
  const layer = (second >> 1) & 3;
  const version = (second >> 3) & 3;
  return adts || (layer !== 0 && version !== 1);
}
