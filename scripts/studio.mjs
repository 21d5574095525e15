// The studio's page: dist/studio/page, files that any server can hand out. Users need no Vite.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { noticesOf } from './packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles src/studio/page; addresses in it are relative, so that it may lie anywhere on a server. */
export async function buildStudio() {
  const modules = new Set();
  const seen = {
    name: 'seen',
    generateBundle: (_, bundle) => {
      for (const chunk of Object.values(bundle)) for (const id of chunk.moduleIds ?? []) modules.add(id);
    },
  };
  const outDir = join(root, 'dist/studio/page');
  await build({
    root: join(root, 'src/studio/page'),
    base: './',
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    plugins: [seen],
    worker: { format: 'es', plugins: () => [seen] },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1000,
    },
  });
  // 27 MB that only graphics cards need: the server takes them from onnxruntime-web, by the name that is left here.
  for (const name of readdirSync(join(outDir, 'assets')).filter((each) => each.includes('.asyncify-'))) {
    rmSync(join(outDir, 'assets', name));
    writeFileSync(join(outDir, 'assets', `${name}.txt`), 'This file is taken from the package onnxruntime-web.\n');
  }
  writeFileSync(join(outDir, 'LICENSES.txt'), noticesOf([...modules].filter((id) => id.includes('node_modules'))));
}
