// Installs the packages when they are missing or do not match package-lock.json; with --build, also builds when the
// build is missing or older than its sources. Node's own modules only: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

if (!isInstalled()) {
  console.error('Installing packages (npm ci) …');
  run(...npm('ci', '--no-audit', '--no-fund'));
}
if (process.argv.includes('--build') && !isBuilt()) {
  console.error('Building …');
  run(process.execPath, [join(root, 'scripts/build.mjs')]);
}

/** Are the installed packages those of the lock file? npm keeps the list of what it installed in a lock file too. */
function isInstalled() {
  const hidden = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const packages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  const installed = packages(hidden);
  return Object.entries(packages(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    // npm leaves out optional packages that are not for this system.
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

/** scripts/build.mjs leaves dist/.built when everything went well. */
function isBuilt() {
  const stamp = join(root, 'dist/.built');
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  const sources = [
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build.mjs',
    'scripts/packages.mjs',
    'scripts/studio.mjs',
  ];
  sources.push('packages/encoders/build.mjs', 'packages/encoders/tsconfig.json');
  for (const folder of ['src', 'packages/encoders/src']) {
    for (const entry of readdirSync(join(root, folder), { recursive: true })) sources.push(join(folder, entry));
  }
  return sources.every((path) => statSync(join(root, path)).mtimeMs <= built);
}

/** npm as this very Node runs it, where npm started us; the npm of the path otherwise. */
function npm(...args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return [process.execPath, [script, ...args]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', args];
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    // node-av's own install step would download a program that is not used here.
    env: { ...process.env, SKIP_FFMPEG: 'true' },
    // Progress must not mix with what the command after us prints on stdout.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command.endsWith('.cmd'),
  });
  if (error) console.error(`Cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
