import { setPriority } from 'node:os';

/** Niceness of processes that compute: the one that answers goes first. */
const BEHIND = 5;

/** Lets the server's own process go first where all cores are busy, so that it answers at once that it lives. */
export function stayBehind(): void {
  try {
    setPriority(BEHIND);
  } catch {
    // Where the system does not allow it, the cores are shared evenly.
  }
}
