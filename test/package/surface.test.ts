import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, { default: string } | string>;
};

it('exports what the written list says, and nothing else (after a wanted change: npx vitest run test/package/surface.test.ts -u)', async () => {
  const lines: string[] = [];
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue;
    const names = Object.keys(await import(pathToFileURL(resolve(target.default)).href)).sort();
    lines.push(`vega-merc${path.slice(1)}`, ...names.map((name) => `  ${name}`));
  }
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('surface.txt');
});
