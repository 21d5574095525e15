import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

// VitePress itself refuses links between pages that lead nowhere.
describe('the site', () => {
  beforeAll(() => {
    const { status, stderr, stdout } = spawnSync(process.execPath, ['build.mjs'], { cwd: 'site', encoding: 'utf8' });
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  }, 300_000);

  const page = (name: string) => readFileSync(join('site/dist', name), 'utf8');

  it('has every page of docs/', () => {
    const wanted = readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [name.replace('.md', '.html')] : []));
    expect(wanted.filter((name) => !readdirSync('site/dist').includes(name))).toEqual([]);
  });

  it('documents every sub-path of the package from its doc comments', () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
    const paths = Object.keys(exports).filter((path) => exports[path].types !== undefined);
    const pages = readdirSync('site/dist/api').map((name) => name.replace('.html', ''));
    const wanted = paths.map((path) => (path === '.' ? 'vega-merc' : path.slice(2).replaceAll('/', '-')));
    expect(wanted.filter((name) => !pages.includes(name))).toEqual([]);
    expect(page('api/vega-merc.html')).toContain('Opens a trained model.');
  });

  it('asks no other host for anything', () => {
    const files = readdirSync('site/dist', { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(html|css)$/.test(name),
    );
    const foreign = files.filter((name) =>
      /(src|href)="https?:[^"]*\.(js|css|woff2?)"|url\(["']?https?:/.test(page(name)),
    );
    expect(foreign).toEqual([]);
  });
});
