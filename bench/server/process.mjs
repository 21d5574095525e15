// A server as a user starts it, for the programs beside this file and for tests.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/**
 * Starts `vega-merc serve` on a free port and waits until it takes requests.
 * @param args models and options; @param uploads the folder for uploads.
 */
export async function startServer(args, uploads) {
  const own = ['--port', '0', '--uploads', uploads, '--log', 'error'];
  const child = spawn(process.execPath, [program, 'serve', ...own, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let logged = '';
  child.stdout.on('data', (bytes) => {
    logged += bytes;
  });
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const address = await new Promise((resolve, reject) => {
    child.stderr.on('data', (bytes) => {
      said += bytes;
      const found = /Serving at (\S+) /.exec(said);
      if (found) resolve(found[1]);
    });
    void exited.then(() => reject(new Error(`The server did not start: ${said}`)));
  });
  while ((await fetch(`${address}/readyz`)).status !== 200) await pause(50);
  return {
    address,
    child,
    exited,
    /** What it wrote on stderr, and its log. */
    said: () => said,
    logged: () => logged,
    /** It and every process below it: they are noted while they live, since an orphan has another parent. */
    pids: () => [child.pid, ...below(child.pid)],
  };
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Process numbers of all that a process started, and those started. */
function below(pid) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Gone meanwhile.
    }
  }
  const all = [];
  for (const todo = [pid]; todo.length > 0; ) {
    const own = children.get(todo.pop()) ?? [];
    all.push(...own);
    todo.push(...own);
  }
  return all;
}

export function isAlive(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)[0] !== 'Z';
  } catch {
    return false;
  }
}

/** Resident memory, MB. */
export function memoryOf(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** Seconds that a process has computed. */
export function computedBy(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Files of uploads below the folder of servers, without the claims on it. */
export function filesIn(uploads) {
  if (!existsSync(uploads)) return [];
  return readdirSync(uploads, { recursive: true }).filter((name) => /server-\w+[/\\](?!\.claim)/.test(name));
}
