import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { concatBytes } from '../base/text.js';
import { quote } from '../base/words.js';
import {
  asFloat32,
  type NdArray,
  parseSafetensors,
  type SafetensorsFile,
  safetensorsChunks,
} from '../interchange/index.js';
import { bankHash } from './bank.js';
import { checkNumbers } from './numbers.js';
import { bytesOf } from './rows.js';
import type { AnchorBank } from './types.js';

const FORMAT = 'vega-merc-anchors';
const VERSION = '1';

const classesSchema = z.array(z.string().min(1)).min(1);
const sourcesSchema = z.array(z.array(z.object({ name: z.string(), hash: z.string() })));

/**
 * The bytes of `*.anchors.safetensors`, one piece after the other: `centres` [C, D], for each class `exemplars.NAME`
 * [n, D], and where there are thumbnails `thumbnails.NAME` (JPEG bytes one after the other) with
 * `thumbnail_bytes.NAME` [n] (0 = none); class names, encoder, sources and the bank's hash are metadata.
 */
export function anchorFileChunks(bank: AnchorBank): Uint8Array[] {
  const tensors = new Map<string, NdArray>();
  tensors.set('centres', float32([bank.classes.length, bank.dim], bank.centres));
  bank.classes.forEach((name, c) => {
    const rows = bank.exemplars[c];
    if (rows.length > 0) tensors.set(`exemplars.${name}`, float32([rows.length / bank.dim, bank.dim], rows));
    const pictures = bank.thumbnails?.[c];
    if (pictures?.some((picture) => picture !== undefined)) {
      const lengths = Int32Array.from(pictures, (picture) => picture?.length ?? 0);
      const data = concatBytes(pictures.map((picture) => picture ?? new Uint8Array(0)));
      tensors.set(`thumbnails.${name}`, { shape: [data.length], dtype: 'uint8', data });
      tensors.set(`thumbnail_bytes.${name}`, { shape: [lengths.length], dtype: 'int32', data: lengths });
    }
  });
  const metadata: Record<string, string> = {
    format: FORMAT,
    version: VERSION,
    classes: JSON.stringify(bank.classes),
    hash: bank.hash,
  };
  if (bank.encoder !== undefined) metadata.encoder = bank.encoder;
  if (bank.sources !== undefined) metadata.sources = JSON.stringify(bank.sources);
  return safetensorsChunks(tensors, metadata);
}

/**
 * Reads what `anchorFileChunks` made.
 * @param source what error sentences call the bytes, usually a path
 * @throws InputError where they are no anchor file, damaged, disagree with their own hash, or hold impossible numbers.
 */
export function parseAnchorFile(bytes: Uint8Array, source: string): AnchorBank {
  const file = parseSafetensors(bytes, source);
  const { metadata } = file;
  const refuse = (why: string) => new InputError(`${source} is no sound anchor file: ${why}.`);
  if (metadata.format !== FORMAT) {
    throw refuse('its metadata do not say that it holds anchors; build one with "vega-merc anchors build"');
  }
  if (metadata.version !== VERSION) {
    throw refuse(
      `it has version ${(metadata.version ?? 'none').slice(0, 20)} of the format, but this program reads version ${VERSION}`,
    );
  }
  const classes = parse(classesSchema, metadata.classes);
  if (classes === undefined) throw refuse('its metadata field "classes" is not a list of names');
  const centres = matrix(file, 'centres');
  if (centres === undefined || centres.rows !== classes.length || centres.dim < 1) {
    throw refuse(`it needs a tensor "centres" with one row for each of its ${classes.length} classes`);
  }
  const { dim } = centres;
  const exemplars = classes.map((name) => {
    const found = matrix(file, `exemplars.${name}`);
    if (found !== undefined && found.dim !== dim) {
      throw refuse(`the exemplars of ${quote(name)} have dimension ${found.dim}, its centres ${dim}`);
    }
    return found?.data ?? new Float32Array(0);
  });
  const bank: AnchorBank = { classes, dim, centres: centres.data, exemplars, hash: '' };
  bank.hash = bankHash(classes, dim, bank.centres, exemplars);
  if (metadata.hash !== bank.hash) {
    throw refuse(
      'its content does not agree with the hash it was written with; it was changed or damaged, build it again',
    );
  }
  if (metadata.encoder !== undefined) bank.encoder = metadata.encoder;
  if (metadata.sources !== undefined) {
    const sources = parse(sourcesSchema, metadata.sources);
    if (sources === undefined || sources.length !== classes.length) {
      throw refuse('its metadata field "sources" is not a list of files a class');
    }
    bank.sources = sources;
  }
  if (classes.some((name) => file.tensors.has(`thumbnails.${name}`))) {
    bank.thumbnails = classes.map((name) => thumbnails(file, name) ?? []);
  }
  checkNumbers(bank, source);
  return bank;
}

/** A float matrix of the file; undefined where it has none of that name. */
function matrix(file: SafetensorsFile, name: string): { rows: number; dim: number; data: Float32Array } | undefined {
  const tensor = file.tensors.get(name);
  if (tensor?.shape.length !== 2) return undefined;
  return { rows: tensor.shape[0], dim: tensor.shape[1], data: asFloat32(tensor) };
}

function thumbnails(file: SafetensorsFile, name: string): (Uint8Array | undefined)[] | undefined {
  const pictures = file.tensors.get(`thumbnails.${name}`);
  const lengths = file.tensors.get(`thumbnail_bytes.${name}`);
  if (pictures === undefined || !(lengths?.data instanceof Int32Array)) return undefined;
  const bytes = bytesOf(pictures.data);
  let at = 0;
  return Array.from(lengths.data, (length) => {
    const picture = length > 0 ? bytes.subarray(at, at + length) : undefined;
    at += length;
    return picture;
  });
}

function parse<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

function float32(shape: number[], data: Float32Array): NdArray {
  return { shape, dtype: 'float32', data };
}
