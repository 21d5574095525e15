// Builds dist/: the graph's kernels (AssemblyScript to WebAssembly), then the TypeScript sources, the scripts of pages
// (*.page.ts, each bundled into one file) and the drawing library; and from them the
// published JSON schema of run cards in schema/, which is kept in the repository so that a change of it is seen.
//
// Code finds a kernel at ../../dist/graph/kernels/NAME.wasm from its own file: the same place from src/graph (under
// vitest, after a build) and from dist/graph.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundlePackages } from './packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const kernels = 'src/graph/kernels';

process.chdir(root);
mkdirSync('dist', { recursive: true });
// Taken before the compilers read the sources: what changes meanwhile is newer than the stamp.
const started = new Date();
rmSync('dist/.built', { force: true });
for (const file of sources(kernels).filter((path) => path.endsWith('.ts'))) compileKernel(file);
node('packages/encoders/build.mjs');
node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
await bundlePages();
await bundleEcharts();
removeOrphans();
await writeSchema();
chmodSync('dist/cli/main.js', 0o755);
writeFileSync('dist/.built', `${started.toISOString()}\n`);

/** No garbage collector, no start-up code, memory given by the caller; only when the source is newer. */
function compileKernel(name) {
  const source = join(kernels, name);
  const output = join('dist/graph/kernels', name.replace(/\.ts$/, '.wasm'));
  if (existsSync(output) && statSync(output).mtimeMs >= statSync(source).mtimeMs) return;
  const options = ['-O3', '--noAssert', '--enable', 'simd', '--runtime', 'stub', '--importMemory'];
  node('node_modules/assemblyscript/bin/asc.js', source, '--outFile', output, ...options);
}

/** dist/…/NAME.page.js: what `pageScript` puts into a page. */
async function bundlePages() {
  const entryPoints = sources('src').flatMap((path) => (path.endsWith('.page.ts') ? [join('src', path)] : []));
  const options = { platform: 'browser', format: 'iife', target: 'es2022', charset: 'utf8' };
  await build({
    entryPoints,
    outdir: 'dist',
    outbase: 'src',
    bundle: true,
    minify: true,
    logLevel: 'warning',
    ...options,
  });
}

/** In place of what the compiler made of the file: with the parts of echarts in it, so that nobody installs it whole. */
async function bundleEcharts() {
  const file = 'report/charts/echarts';
  await bundlePackages({ entryPoints: [join('src', `${file}.ts`)], outfile: `dist/${file}.js`, format: 'esm' });
  rmSync(`dist/${file}.js.map`, { force: true });
}

/** The compiler leaves the outputs of sources that are gone; they must not be published. */
function removeOrphans() {
  for (const output of sources('dist')) {
    const match = /^(.*?)\.(d\.ts|js|js\.map)$/.exec(output);
    if (match && !existsSync(join('src', `${match[1]}.ts`))) rmSync(join('dist', output));
  }
}

async function writeSchema() {
  const { runCardJsonSchema } = await import('../dist/evaluation/card.js');
  mkdirSync('schema', { recursive: true });
  writeFileSync('schema/evaluation.schema.json', `${JSON.stringify(runCardJsonSchema(), null, 2)}\n`);
}

function sources(folder) {
  return existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
}

function node(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
