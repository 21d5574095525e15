import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const source = resolve(import.meta.dirname, '../../src');

/** Every module that one module loads, itself included, with the way to it; types do not count. */
function reached(path: string, way: string[] = [], seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(path)) return seen;
  seen.set(path, [...way, path]);
  if (!existsSync(path)) return seen;
  for (const [, from] of readFileSync(path, 'utf8').matchAll(
    /^(?:import|export)\s(?!type\b)[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/gms,
  )) {
    if (from === undefined) continue;
    const next = from.startsWith('.') ? join(dirname(path), from.replace(/\.js$/, '.ts')) : from;
    reached(next, [...way, path], seen);
  }
  return seen;
}

it.each(['graph', 'vega', 'metrics', 'prediction'])('%s reaches neither Node nor a runtime, by any way', (room) => {
  const modules = reached(join(source, room, 'index.ts'));
  expect(modules.size).toBeGreaterThan(5);
  const outside = [...modules].filter(([name]) => /^node:|^onnxruntime/.test(name));
  expect(outside.map(([, way]) => way.join(' → '))).toEqual([]);
});
