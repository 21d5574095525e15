// Builds the documentation as a site, site/dist: `npm run build` here. The pages are those of docs/, the sample's and the
// starter's README, and an API reference made of the doc comments in the built declarations (so: after the build of the
// package). They are gathered in .pages first, where links to files of the repository become names of files, for a site
// has no repository around it. VitePress refuses links that lead nowhere.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';

const site = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(site, '..');
const pages = join(site, '.pages');

/** Pages that lie elsewhere than in docs/, by their name on the site. */
const ELSEWHERE = {
  'samples/README.md': 'samples.md',
  'models/starter/README.md': 'starter.md',
  'README.md': 'quick-start.md',
};

rmSync(pages, { recursive: true, force: true });
mkdirSync(pages, { recursive: true });
for (const name of readdirSync(join(root, 'docs'))) {
  if (name.endsWith('.md')) gather(`docs/${name}`, name);
  else if (/\.(png|svg)$/.test(name)) copyFileSync(join(root, 'docs', name), join(pages, name));
}
for (const [path, name] of Object.entries(ELSEWHERE))
  if (path !== 'README.md' && existsSync(join(root, path))) gather(path, name);
reference();
await build(site);

/** Copies a page, with its links as they are on the site. */
function gather(path, name) {
  const text = readFileSync(join(root, path), 'utf8').replace(
    /\[([^\]\n]+)\]\((?!https?:|#|\/)([^)\s#]+)(#[^)\s]*)?\)/g,
    (whole, words, target, anchor = '') => {
      const file = relative(root, resolve(root, dirname(path), target)).replaceAll('\\', '/');
      if (/^docs\/[^/]+\.md$/.test(file)) return `[${words}](./${file.slice(5)}${anchor})`;
      if (ELSEWHERE[file] !== undefined && existsSync(join(root, file)))
        return `[${words}](./${ELSEWHERE[file]}${anchor})`;
      if (existsSync(join(root, file))) return words === file ? `\`${file}\`` : `${words} (\`${file}\`)`;
      return whole;
    },
  );
  writeFileSync(join(pages, name), text);
}

/** .pages/api: one page a sub-path of the package, from its declarations. */
function reference() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folder = join(site, '.pages/.entries');
  mkdirSync(folder, { recursive: true });
  const entries = Object.entries(exports).flatMap(([path, { types }]) => {
    if (types === undefined) return [];
    const name = path === '.' ? 'vega-merc' : path.slice(2).replaceAll('/', '-');
    writeFileSync(join(folder, `${name}.ts`), `export * from '${join(root, types.replace(/\.d\.ts$/, '.js'))}';\n`);
    return [join(folder, `${name}.ts`)];
  });
  const typedoc = fileURLToPath(new URL('bin/typedoc', `${import.meta.resolve('typedoc/package.json')}`));
  const options = [
    '--basePath',
    folder,
    '--out',
    join(pages, 'api'),
    '--options',
    join(site, 'typedoc.json'),
    ...entries,
  ];
  const { status } = spawnSync(process.execPath, [typedoc, ...options], { cwd: site, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
