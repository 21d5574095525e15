import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { diskError, sha256 } from '../../base/files.js';
import type { Outcome } from './encode.js';

/** Outcomes of earlier extractions, by what was encoded and what encoded it. */
export interface FeatureCache {
  get(key: string): Outcome | undefined;
  /** Failures are not kept: the next run tries again. */
  put(key: string, outcome: Outcome): void;
}

/** Where features are kept: VEGA_MERC_CACHE, or `vega-merc` in the user's cache folder, and in it `features`. */
export function featureCache(): string {
  const { VEGA_MERC_CACHE, XDG_CACHE_HOME } = process.env;
  return join(VEGA_MERC_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vega-merc'), 'features');
}

/**
 * Opens the cache of one encoder: a file an outcome, so that a run that is killed loses nothing, and several runs share
 * it. A file is a line of JSON and the row's bytes.
 * @param encoder anything that says which encoder with which settings, as JSON.
 */
export function openCache(folder: string, encoder: unknown): FeatureCache {
  const root = join(folder, sha256(JSON.stringify(encoder)).slice(0, 16));
  const place = (key: string) => join(root, key.slice(0, 2), key);
  return {
    get(key) {
      let bytes: Buffer;
      try {
        bytes = readFileSync(place(key));
      } catch {
        return undefined;
      }
      const end = bytes.indexOf('\n');
      const { dim, ...outcome } = JSON.parse(bytes.toString('utf8', 0, end)) as { dim?: number } & Outcome;
      const row = bytes.subarray(end + 1);
      // A machine that lost its power may have kept the name of a file and not all of its bytes.
      if (row.length !== 4 * (dim ?? 0)) return undefined;
      return outcome.state === 'present' ? { ...outcome, row: new Float32Array(new Uint8Array(row).buffer) } : outcome;
    },
    put(key, outcome) {
      if (outcome.state === 'failed') return;
      const path = place(key);
      const temporary = `${path}.${process.pid}.tmp`;
      const { row, ...rest } = outcome.state === 'present' ? outcome : { ...outcome, row: new Float32Array(0) };
      const head = Buffer.from(`${JSON.stringify({ ...rest, dim: row.length })}\n`);
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(temporary, Buffer.concat([head, Buffer.from(row.buffer, row.byteOffset, row.byteLength)]));
        renameSync(temporary, path);
      } catch (error) {
        throw diskError(path, error);
      }
    },
  };
}
