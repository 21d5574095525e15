import { createWriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { quote } from '../../base/words.js';
import { readCounted } from '../http/body.js';
import { busy, Problem } from '../http/problems.js';
import type { Limits } from '../limits.js';
import type { UploadFolder } from './folder.js';
import { HEAD_BYTES, type MediaKind, mediaKind, TAKEN } from './kinds.js';

/** A file of an upload; its name is ours, never the client's. */
export interface UploadedFile {
  path: string;
  kind: MediaKind | 'transcript';
}

/** A multipart body, its files on the disk until `remove`. */
export interface Upload {
  folder: string;
  fields: ReadonlyMap<string, string>;
  files: ReadonlyMap<string, UploadedFile>;
  remove(): Promise<void>;
}

/** The part that holds words, not sound or pictures. */
const TRANSCRIPT = 'transcript';
/** Both kinds are read alike. */
const TRANSCRIPT_FILE = 'transcript.srt';

/**
 * Reads a multipart body to files of the private folder. Whatever goes wrong, nothing of it stays.
 * @throws Problem where it is too large, too slow, malformed, or a file is of no kind that is taken.
 */
export async function readUpload(request: Request, uploads: UploadFolder, limits: Limits): Promise<Upload> {
  const type = request.headers.get('content-type') ?? '';
  const folder = await uploads.make();
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const { fields, files } = await receive(request, type, folder, limits);
    return { folder, fields, files, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function receive(request: Request, type: string, folder: string, limits: Limits) {
  const fields = new Map<string, string>();
  const files = new Map<string, UploadedFile>();
  const writing: Promise<void>[] = [];
  const streams: BusboyFileStream[] = [];
  const busboy = begin(type, limits);
  let failure: unknown;
  const told = (error: unknown) =>
    error instanceof Problem || request.signal.aborted ? error : malformed((error as Error).message);
  const fail = (error: unknown) => {
    failure ??= error;
    busboy.destroy();
    // Their ends would be waited for in vain.
    for (const stream of streams) stream.destroy();
  };
  /** @returns whether a part may have this name; the parser gives none where the part has none. */
  const isNew = (name: string | undefined): name is string => {
    if (name === undefined) fail(malformed('a part has no name'));
    else if (fields.has(name) || files.has(name)) fail(malformed(`two parts are called ${quote(name)}`));
    else return true;
    return false;
  };
  const stuck = alarm(() => fail(malformed('its parts cannot be told apart')));
  busboy.on('error', (error) => fail(told(error)));
  busboy.on('field', (name: string | undefined, value, nameCut, valueCut) => {
    if (!isNew(name)) return;
    if (nameCut || valueCut) fail(new Problem('too-large', `The part ${quote(name)} is too large.`));
    else fields.set(name, value);
  });
  busboy.on('file', (name: string | undefined, stream: BusboyFileStream) => {
    stream.on('error', () => undefined);
    streams.push(stream);
    if (!isNew(name)) return;
    const words = name === TRANSCRIPT;
    const path = join(folder, words ? TRANSCRIPT_FILE : `${files.size + 1}`);
    const kind = words ? ('transcript' as const) : undefined;
    const file = { path, kind: kind as UploadedFile['kind'] };
    files.set(name, file);
    const most = words ? limits.transcript : limits.upload;
    const write = pipeline(
      stream,
      (source: AsyncIterable<Buffer>) => checked(source, name, most, limits, kind, (found) => (file.kind = found)),
      createWriteStream(path, { flags: 'wx', mode: 0o600 }),
    );
    writing.push(write.catch(fail));
  });
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    busboy.on(limit, () => fail(new Problem('too-large', `The upload has more than ${limits.parts} parts.`)));
  try {
    const pieces = readCounted(request, { most: limits.upload, patience: limits.patience });
    await pipeline(Readable.from(watched(pieces, limits.patience, stuck)), busboy);
  } catch (error) {
    fail(told(error));
  } finally {
    stuck.clear();
  }
  await Promise.all(writing);
  if (failure !== undefined) throw isOfDisk(failure) ? busy('The disk for uploads takes no more.', 60) : failure;
  const words = fields.get(TRANSCRIPT);
  if (words !== undefined) {
    const path = join(folder, TRANSCRIPT_FILE);
    await writeFile(path, words, { flag: 'wx', mode: 0o600 });
    fields.delete(TRANSCRIPT);
    files.set(TRANSCRIPT, { path, kind: 'transcript' });
  }
  return { fields, files };
}

function begin(type: string, limits: Limits): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': type },
      limits: {
        fieldNameSize: 100,
        fieldSize: limits.json,
        parts: limits.parts,
        headerPairs: 20,
        headerSize: 4096,
      },
    });
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

/** Rings when it was set and not cleared for so long. */
function alarm(ring: () => void): { set(ms: number): void; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    set(ms) {
      clearTimeout(timer);
      timer = setTimeout(ring, ms);
    },
    clear: () => clearTimeout(timer),
  };
}

/** There are bodies at which the parser stands still, and never asks for more: what it is given must be taken in time. */
async function* watched(
  pieces: AsyncGenerator<Uint8Array>,
  ms: number,
  stuck: ReturnType<typeof alarm>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    stuck.set(ms);
    yield piece;
    stuck.clear();
  }
  stuck.set(ms);
}

/** The file's bytes, once its beginning says that it is of a kind that is taken. */
async function* checked(
  source: AsyncIterable<Buffer>,
  name: string,
  most: number,
  limits: Limits,
  known: 'transcript' | undefined,
  onKind: (kind: UploadedFile['kind']) => void,
): AsyncGenerator<Buffer> {
  let head: Buffer<ArrayBufferLike> | undefined = known === undefined ? Buffer.alloc(0) : undefined;
  let kind = known as UploadedFile['kind'] | undefined;
  let bytes = 0;
  const told = () => {
    kind = mediaKind(head as Buffer);
    if (kind === undefined)
      throw new Problem('media-type', `The part ${quote(name)} is of no kind that is taken: ${TAKEN}.`);
    onKind(kind);
    const whole = head as Buffer;
    head = undefined;
    return whole;
  };
  const count = (piece: Buffer<ArrayBufferLike>) => {
    bytes += piece.length;
    if (bytes > (kind === 'picture' ? limits.picture : most))
      throw new Problem('too-large', `The part ${quote(name)} is larger than is taken of its kind.`);
    return piece;
  };
  for await (const piece of source) {
    if (head === undefined) yield count(piece);
    else {
      head = Buffer.concat([head, piece]);
      if (head.length >= HEAD_BYTES) yield count(told());
    }
  }
  if (head !== undefined) yield count(told());
}

const isOfDisk = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE'].includes(`${(error as NodeJS.ErrnoException).code}`);

const malformed = (why: string): Problem =>
  new Problem('invalid', `The body is no whole multipart/form-data: ${why.replace(/\.$/, '')}.`);
