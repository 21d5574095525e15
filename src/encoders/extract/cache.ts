import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskError, makeDirectory } from '../../base/files.js';
import { sha256 } from '../../base/sha256.js';
import { cacheFolder } from '../cacheFolder.js';
import type { Outcome } from './encode.js';

/** Outcomes of earlier extractions, by what was encoded and what encoded it. */
export interface FeatureCache {
  /** One of its files is held at a time: ask in the order of keys. */
  get(key: string): Outcome | undefined;
  /** Failures that another attempt may mend are not kept: the next run tries again. */
  put(key: string, outcome: Outcome): void;
}

/** Where features are kept: VEGA_MERC_CACHE, or `vega-merc` in the user's cache folder, and in it `features`. */
export function featureCache(): string {
  return join(process.env.VEGA_MERC_CACHE || cacheFolder(), 'features');
}

/**
 * Opens the cache of one encoder: a line of JSON an outcome, in 256 files by the key's first two digits. An outcome is
 * appended as soon as it is there, so that a run that is killed loses nothing, and several runs may share the cache; a
 * line that was cut off is no JSON, and skipped.
 * @param encoder anything that says which encoder with which settings, as JSON.
 */
export function openCache(folder: string, encoder: unknown): FeatureCache {
  const root = join(folder, sha256(JSON.stringify(encoder)).slice(0, 16));
  const path = (key: string) => join(root, `${key.slice(0, 2)}.jsonl`);
  let held: { path: string; lines: Map<string, string> } | undefined;
  return {
    get(key) {
      if (held?.path !== path(key)) held = { path: path(key), lines: readLines(path(key)) };
      const line = held.lines.get(key);
      return line === undefined ? undefined : parseOutcome(line);
    },
    put(key, outcome) {
      if (outcome.state === 'failed') return;
      const rest = { ...outcome, row: outcome.state === 'present' ? encodeRow(outcome.row) : undefined };
      try {
        makeDirectory(root);
        // The break before it ends a line that an earlier run did not.
        appendFileSync(path(key), `\n${JSON.stringify({ key, ...rest })}`);
      } catch (error) {
        throw diskError(path(key), error);
      }
    },
  };
}

/** A cache that also finds what others hold, and writes to none of them. */
export function withOthers(own: FeatureCache, others: readonly FeatureCache[]): FeatureCache {
  if (others.length === 0) return own;
  return {
    get: (key) => {
      for (const cache of [own, ...others]) {
        const found = cache.get(key);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    put: own.put,
  };
}

/** Lines by key; parsed when they are asked for. */
function readLines(path: string): Map<string, string> {
  const lines = new Map<string, string>();
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    return lines;
  }
  for (const line of text.split('\n')) {
    const key = /^\{"key":"([0-9a-f]{64})"/.exec(line)?.[1];
    if (key !== undefined) lines.set(key, line);
  }
  return lines;
}

function parseOutcome(line: string): Outcome | undefined {
  let value: { key: string; row?: string } & Outcome;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { key: _, row, ...outcome } = value as { key: string; row?: string } & Record<string, unknown>;
  return { ...outcome, ...(row === undefined ? {} : { row: decodeRow(row) }) } as Outcome;
}

function encodeRow(row: Float32Array): string {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('base64');
}

function decodeRow(text: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
}
