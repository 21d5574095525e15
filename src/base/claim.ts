import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from './errors.js';
import { diskError, isTemporary, makeDirectory } from './files.js';
import { beat, stopBeat } from './heartbeat.js';
import { HERE, isAlive, isNear, type Owner, ownerSchema, type Place, startOf } from './owner.js';

/** Another process is writing there. */
export class ClaimedError extends InputError {
  override name = 'ClaimedError';
}

/** The sole right to write somewhere. */
export interface Claim {
  /** @throws ClaimedError where it was lost: this process stood still so long that another machine took it for dead. */
  check(): void;
}

export interface ClaimOptions {
  /** What is done, for the sentence that a second comer gets: "train", "extract", … */
  doing: string;
  /** How long to wait for another process that is there already, in milliseconds; default: not at all. */
  wait?: number;
  /** Held for moments only: no signs of life are given, and others wait longer for a machine that vanished. */
  brief?: boolean;
  /** Where this process runs, and how long others wait for it, in seconds; for tests. */
  here?: Place;
  lease?: number;
}

/** Seconds after the last sign of life, of which there is one every few seconds. */
const LEASE_S = 30;
const BRIEF_LEASE_S = 300;

const CLAIM = /\.claim\.\d+$/;

/** Is this the name of a file that says who is writing? */
export const isClaim = (name: string): boolean => CLAIM.test(name);

/** Claims of the code that is running, by what they are on: what it calls may write there too. */
const held = new AsyncLocalStorage<ReadonlyMap<string, Claim>>();

/**
 * Does `work` while no other process, on this machine or another one that shares the disk, may do the same with this
 * directory, which is made where it is not there. Called again within `work`, it holds already. What a killed process
 * claimed is free at once on its own machine; on others when its signs of life have been missing for a lease.
 * @throws ClaimedError with who holds it and since when.
 */
export function withDirectory<T>(directory: string, options: ClaimOptions, work: (claim: Claim) => T): T {
  const made = makeDirectory(directory);
  const removeEmpty = () => {
    if (made === undefined) return;
    for (let at = resolve(directory); ; at = dirname(at)) {
      try {
        rmdirSync(at);
      } catch {
        return;
      }
      if (at === made) return;
    }
  };
  return holding(join(realpathSync(directory), '.claim'), directory, options, work, removeEmpty);
}

/** The same for a single file; it need not be there. */
export function withFile<T>(path: string, options: ClaimOptions, work: (claim: Claim) => T): T {
  makeDirectory(dirname(path));
  const folder = realpathSync(dirname(path));
  return holding(join(folder, `${basename(path)}.claim`), path, options, work, () => undefined);
}

function holding<T>(
  prefix: string,
  target: string,
  options: ClaimOptions,
  work: (claim: Claim) => T,
  after: () => void,
): T {
  const outer = held.getStore();
  const own = outer?.get(prefix);
  if (own !== undefined) return work(own);
  const { path, body } = acquire(prefix, target, options);
  let gone = false;
  const release = () => {
    if (gone) return;
    gone = true;
    releases.delete(release);
    if (!options.brief) stopBeat(path);
    if (isMine(path, body)) rmSync(path, { force: true });
    after();
  };
  releases.add(release);
  if (!options.brief) beat(path, body);
  const claim: Claim = {
    check() {
      if (isMine(path, body)) return;
      throw new ClaimedError(
        `${target}: this process stood still so long that another one has taken the place over. Run the command again ` +
          'to go on from what was written.',
      );
    },
  };
  let result: T;
  try {
    result = held.run(new Map([...(outer ?? []), [prefix, claim]]), () => work(claim));
  } catch (error) {
    release();
    throw error;
  }
  if (!(result instanceof Promise)) {
    release();
    return result;
  }
  return result.finally(release) as T;
}

/** Who is writing into a directory; undefined where nobody is. Only looks. */
export function whoClaims(directory: string): Owner | undefined {
  const prefix = join(directory, '.claim');
  const found = existsSync(directory) ? claimsAt(prefix) : [];
  // Without a probe on the disk, the clocks of two machines may differ by more than a lease: then it counts as live.
  return found.map(ownerOf).find((owner) => owner !== undefined && (!isNear(owner, HERE) || isAlive(owner)));
}

const releases = new Set<() => void>();

/** Gives up everything that this process holds: it is about to end. */
export function releaseClaims(): void {
  for (const release of [...releases]) release();
}
process.on('exit', releaseClaims);

/** A claim file that is there. */
interface Found {
  path: string;
  number: number;
  text: string;
}

/**
 * Claims are files that are numbered upwards, each made by one process only (a link fails where one is). Who has made one
 * looks again: where it finds another that it did not know to be dead, it steps back. So of any two, the later to look
 * sees the other, and no dead one's file can be mistaken for a live one's that has come in its place.
 */
function acquire(prefix: string, target: string, options: ClaimOptions): { path: string; body: string } {
  const { doing, wait = 0, here = HERE, brief = false } = options;
  const lease = options.lease ?? (brief ? BRIEF_LEASE_S : LEASE_S);
  const token = randomBytes(8).toString('hex');
  const started = startOf(process.pid)?.started;
  const owner: Owner = { doing, ...here, pid: process.pid, started, since: new Date().toISOString(), lease, token };
  const body = `${JSON.stringify(owner)}\n`;
  const until = Date.now() + wait;
  for (;;) {
    const known = claimsAt(prefix);
    const live = known.find((one) => !isDead(one, prefix, here));
    if (live !== undefined) {
      // Waiting stands still: for what this process does itself it would wait in vain.
      const own = ownerOf(live)?.pid === process.pid && here === HERE;
      if (own || Date.now() >= until) throw new ClaimedError(sentence(target, live, prefix, here));
      sleep(50);
      continue;
    }
    const path = `${prefix}.${Math.max(0, ...known.map(({ number }) => number)) + 1}`;
    if (!create(path, body)) continue;
    const dead = new Set(known.map((one) => `${one.path} ${one.text}`));
    const rival = claimsAt(prefix).some((one) => one.path !== path && !dead.has(`${one.path} ${one.text}`));
    if (!rival) {
      for (const one of known) rmSync(one.path, { force: true });
      removeUnfinished(prefix);
      return { path, body };
    }
    rmSync(path, { force: true });
    sleep(5 + Math.random() * 50);
  }
}

function claimsAt(prefix: string): Found[] {
  const folder = dirname(prefix);
  return readdirSync(folder).flatMap((name) => {
    if (!isClaim(name) || !name.startsWith(`${basename(prefix)}.`)) return [];
    const number = Number(name.slice(basename(prefix).length + 1));
    const text = textOf(join(folder, name));
    return Number.isInteger(number) && text !== undefined ? [{ path: join(folder, name), number, text }] : [];
  });
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const isMine = (path: string, body: string): boolean => textOf(path) === body;

function ownerOf({ text }: Found): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isDead(found: Found, prefix: string, here: Place): boolean {
  const owner = ownerOf(found);
  if (owner !== undefined && isNear(owner, here)) return !isAlive(owner);
  return ageOf(found, prefix) > (owner?.lease ?? LEASE_S);
}

/** Seconds since the last sign of life, by the clock of the disk: those of two machines may differ. */
function ageOf({ path }: Found, prefix: string): number {
  const probe = `${prefix}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const last = statSync(path).mtimeMs;
    writeFileSync(probe, 'x');
    return (statSync(probe).mtimeMs - last) / 1000;
  } catch {
    return 0;
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Removes what processes left that were killed as they were claiming. */
function removeUnfinished(prefix: string): void {
  for (const name of readdirSync(dirname(prefix)))
    if (name.startsWith(`${basename(prefix)}.`) && isTemporary(name))
      rmSync(join(dirname(prefix), name), { force: true });
}

/** Makes a file with its whole content, where there is none. @returns whether it was made. */
function create(path: string, body: string): boolean {
  const whole = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(whole, body, { flag: 'wx' });
    try {
      linkSync(whole, path);
      return true;
    } catch (error) {
      // Somebody was first, perhaps so much so that it took this for what a killed process had left.
      if (['EEXIST', 'ENOENT'].includes(`${(error as NodeJS.ErrnoException).code}`)) return false;
      // A disk without hard links; for a moment the file is empty, and who reads it then keeps away.
      const file = openSync(path, 'wx');
      writeSync(file, body);
      closeSync(file);
      return true;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskError(dirname(path), error);
  } finally {
    rmSync(whole, { force: true });
  }
}

function sentence(target: string, found: Found, prefix: string, here: Place): string {
  const owner = ownerOf(found);
  if (owner === undefined) return `${target} is being claimed by another process; try again in a minute.`;
  const { doing, host, pid, since, lease } = owner;
  const who = `"${doing}", process ${pid} on ${host}, has been writing there since ${since}`;
  if (isNear(owner, here)) return `${target} is in use: ${who}. Wait for it, or stop it.`;
  const age = Math.max(0, Math.round(ageOf(found, prefix)));
  return (
    `${target} is in use: ${who}; its last sign of life was ${age} s ago. Wait for it, or stop it; if that machine is ` +
    `gone, the place is free ${lease} s after the last sign.`
  );
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
