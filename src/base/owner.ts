import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** Who holds a claim, as its file says. */
export const ownerSchema = z.object({
  /** What it is doing: "train", "extract", … */
  doing: z.string(),
  host: z.string(),
  /** Tells machines of one name, and containers on one machine, apart; empty where the system does not say. */
  machine: z.string(),
  pid: z.int().min(1),
  /** When the process started, in the system's own count: another process with the same number started later. */
  started: z.string().optional(),
  /** ISO 8601 */
  since: z.string(),
  /** Seconds after the last sign of life for which others keep away where they cannot look whether it lives. */
  lease: z.number().positive(),
  /** Differs between any two claims. */
  token: z.string(),
});
export type Owner = z.infer<typeof ownerSchema>;

/** Where a process runs: processes of one place can see each other. */
export interface Place {
  host: string;
  machine: string;
}

/** The place of this process. */
export const HERE: Place = { host: hostname(), machine: machineName() };

function machineName(): string {
  try {
    // The boot, and the numbering of processes that a container may have to itself.
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** Can one look from `here` whether the owner lives? */
export const isNear = (owner: Owner, here: Place): boolean =>
  owner.machine === here.machine && (owner.machine !== '' || owner.host === here.host);

/** Whether the process that made a claim at this place is still there; a later one with its number is another. */
export function isAlive({ pid, started }: Pick<Owner, 'pid' | 'started'>): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const about = startOf(pid);
  return about === undefined || (about.state !== 'Z' && (started === undefined || about.started === started));
}

/** When a process started and its state ("Z": it has ended, and nobody has asked how); undefined outside Linux. */
export function startOf(pid: number): { state: string; started: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold anything; the numbers are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch {
    return undefined;
  }
}
