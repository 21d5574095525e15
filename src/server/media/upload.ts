import { createWriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { diskError } from '../../base/files.js';
import { quote } from '../../base/words.js';
import { readCounted } from '../http/body.js';
import { Problem } from '../http/problems.js';
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
  const busboy = begin(type, limits);
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    busboy.destroy();
  };
  const known = (name: string) => {
    if (fields.has(name) || files.has(name)) fail(malformed(`two parts are called ${quote(name)}`));
  };
  busboy.on('field', (name, value, nameCut, valueCut) => {
    if (nameCut || valueCut) return fail(new Problem('too-large', `The part ${quote(name)} is too large.`));
    known(name);
    fields.set(name, value);
  });
  busboy.on('file', (name: string, stream: BusboyFileStream) => {
    known(name);
    const path = join(folder, `${files.size + 1}`);
    const most = name === TRANSCRIPT ? limits.transcript : limits.upload;
    const kind = name === TRANSCRIPT ? ('transcript' as const) : undefined;
    const file = {
      path: kind === undefined ? path : join(folder, TRANSCRIPT_FILE),
      kind: kind as UploadedFile['kind'],
    };
    files.set(name, file);
    const write = pipeline(
      stream,
      (source: AsyncIterable<Buffer>) => checked(source, name, most, limits, kind, (found) => (file.kind = found)),
      createWriteStream(file.path, { flags: 'wx', mode: 0o600 }),
    );
    writing.push(write.catch(fail));
  });
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    busboy.on(limit, () => fail(new Problem('too-large', `The upload has more than ${limits.parts} parts.`)));
  try {
    await pipeline(Readable.from(readCounted(request, { most: limits.upload, patience: limits.patience })), busboy);
  } catch (error) {
    failure ??= error instanceof Problem || request.signal.aborted ? error : malformed((error as Error).message);
  }
  // A file whose end never comes would be waited for in vain.
  await Promise.race([Promise.all(writing), failure === undefined ? new Promise(() => undefined) : Promise.resolve()]);
  if (failure !== undefined)
    throw failure instanceof Error && !(failure instanceof Problem) ? diskError('uploads', failure) : failure;
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

const malformed = (why: string): Problem =>
  new Problem('invalid', `The body is no whole multipart/form-data: ${why.replace(/\.$/, '')}.`);
