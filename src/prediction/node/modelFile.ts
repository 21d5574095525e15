import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { InputError } from '../../base/errors.js';
import { locateSafetensors } from '../../interchange/files.js';
import { fetchFile } from '../../run/files.js';
import { RUN_FILES, type RunFiles } from '../../run/index.js';
import type { LocatedModel } from '../open.js';

/**
 * model.safetensors of a run that lies in no directory, as a file in the system's temporary folder: an engine that maps
 * files then needs half the memory that it needs for values from memory. What comes from a URL is never whole in memory.
 * @returns undefined where no such file can be written; the model is then opened from memory.
 * @throws InputError where the run has no such file, or it is damaged.
 */
export async function modelFile(source: string | URL | RunFiles): Promise<LocatedModel | undefined> {
  let folder: string | undefined;
  const release = () => {
    // Where a mapped file cannot be removed (Windows), the system clears its temporary folder.
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    folder = mkdtempSync(join(tmpdir(), 'vega-merc-model-'));
    const path = join(folder, RUN_FILES.model);
    if (typeof source === 'function') await writeFile(path, await source(RUN_FILES.model));
    else {
      const { body } = await fetchFile(source, RUN_FILES.model);
      await pipeline(Readable.fromWeb(body as ReadableStream), createWriteStream(path));
    }
    return { ...locateSafetensors(path, RUN_FILES.model), release };
  } catch (error) {
    release();
    if (error instanceof InputError || !isOfDisk(error)) throw error;
    return undefined;
  }
}

const isOfDisk = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOENT', 'EFBIG'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );
