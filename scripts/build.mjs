// Builds dist/: the graph's kernels (AssemblyScript to WebAssembly, as text in a TypeScript file), then the TypeScript
// sources, the scripts of pages (*.page.ts, each bundled into one file), the drawing library and the studio; and from them the
// published JSON schema of run cards in schema/. What is made from sources and needed before a build (the kernels'
// bytes, the schema) is kept in the repository, so that a change of it is seen.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundlePackages } from './packages.mjs';
import { buildStudio } from './studio.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const kernels = 'src/graph/kernels';

process.chdir(root);
mkdirSync('dist', { recursive: true });
// Taken before the compilers read the sources: what changes meanwhile is newer than the stamp.
const started = new Date();
rmSync('dist/.built', { force: true });
writeKernels();
node('packages/encoders/build.mjs');
node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
await bundlePages();
await bundleEcharts();
removeOrphans();
await buildStudio();
await writeSchema();
chmodSync('dist/cli/main.js', 0o755);
writeFileSync('dist/.built', `${started.toISOString()}\n`);

/**
 * kernels/bytes.ts: the WebAssembly of kernels/kernels.ts in base64, so that no file is read at run time, on Node, in a
 * page or in a test. No garbage collector, no start-up code, memory given by the caller; only when the source changed.
 */
function writeKernels() {
  const source = join(kernels, 'kernels.ts');
  const bytes = join(kernels, 'bytes.ts');
  const compiler = JSON.parse(readFileSync('node_modules/assemblyscript/package.json', 'utf8')).version;
  const hash = createHash('sha256').update(readFileSync(source, 'utf8').replaceAll('\r\n', '\n')).digest('hex');
  const heading = `// Made by scripts/build.mjs from kernels.ts (${hash.slice(0, 16)}) with assemblyscript ${compiler}.`;
  if (existsSync(bytes) && readFileSync(bytes, 'utf8').startsWith(heading)) return;
  const output = 'dist/kernels.wasm';
  const options = ['-O3', '--noAssert', '--enable', 'simd', '--runtime', 'stub', '--importMemory'];
  node('node_modules/assemblyscript/bin/asc.js', source, '--outFile', output, ...options);
  const text = readFileSync(output).toString('base64');
  rmSync(output);
  writeFileSync(bytes, `${heading}\n\n/** WebAssembly in base64. */\nexport const KERNELS =\n  '${text}';\n`);
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
