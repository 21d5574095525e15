import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The program's folder in the user's cache folder. A variable that is empty counts as one that is not set. */
export function cacheFolder(): string {
  const home = homedir() || accountHome() || tmpdir();
  return join(process.env.XDG_CACHE_HOME || join(home, '.cache'), 'vega-merc');
}

/** As the system's list of accounts has it, where HOME is empty. */
function accountHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    // A container's user need not be in that list.
    return undefined;
  }
}
