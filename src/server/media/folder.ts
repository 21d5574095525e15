import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClaimedError, isClaim, withDirectory } from '../../base/claim.js';
import { InputError } from '../../base/errors.js';
import { diskError } from '../../base/files.js';

/** Where uploads lie for as long as their request lasts. */
export interface UploadFolder {
  readonly path: string;
  /** A folder for one request, for nobody else to read. @returns its path. */
  make(): Promise<string>;
  /** Removes what servers left here that were killed. */
  sweep(): void;
  /** Removes all of it. */
  close(): Promise<void>;
}

/** Folders of servers, one each, are called so. */
const OWN = /^server-[0-9a-f]{16}$/;
const SWEEP_MS = 60_000;

/** The folder of all servers of this user. */
export const uploadsPath = (): string => join(tmpdir(), `vega-merc-uploads-${process.getuid?.() ?? 'user'}`);

/**
 * A folder of this server's own below one that only this user may look into. It is claimed for as long as the process
 * lives: who starts later removes what a killed one left.
 * @throws InputError where the place is somebody else's, or the disk refuses.
 */
export function openUploads(base = uploadsPath()): UploadFolder {
  secure(base);
  const path = join(base, `server-${randomBytes(8).toString('hex')}`);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  mkdirSync(path, { mode: 0o700 });
  // Whoever claims it in between only means to remove it.
  const claim = withDirectory(path, { doing: 'serve', wait: 10_000 }, () => held);
  const sweep = () => {
    for (const name of readdirSync(base)) if (OWN.test(name) && join(base, name) !== path) removeDead(join(base, name));
  };
  sweep();
  const timer = setInterval(sweep, SWEEP_MS).unref();
  return {
    path,
    async make() {
      const folder = join(path, randomBytes(8).toString('hex'));
      try {
        await mkdir(folder, { mode: 0o700 });
      } catch (error) {
        throw diskError(folder, error);
      }
      return folder;
    },
    sweep,
    async close() {
      clearInterval(timer);
      release();
      await claim;
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Makes the folder; one that is there must be this user's own, and nobody else's to read. */
function secure(base: string): void {
  try {
    mkdirSync(base, { mode: 0o700, recursive: true });
  } catch (error) {
    throw diskError(base, error);
  }
  const about = lstatSync(base);
  const strange = process.getuid !== undefined && (about.uid !== process.getuid() || (about.mode & 0o077) !== 0);
  if (about.isDirectory() && !strange) return;
  throw new InputError(
    `${base} must be a folder that only this user can look into, since uploads lie there: remove it, or name another with --uploads.`,
  );
}

function removeDead(folder: string): void {
  try {
    withDirectory(folder, { doing: 'remove what a killed server left', brief: true }, () => {
      for (const name of readdirSync(folder))
        if (!isClaim(name)) rmSync(join(folder, name), { recursive: true, force: true });
    });
    rmdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It is alive, was removed by another one, or holds what another one puts there.
    if (error instanceof ClaimedError || code === 'ENOENT' || code === 'ENOTEMPTY') return;
    throw error;
  }
}
