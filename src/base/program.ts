import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Versions of what computes: this package, Node, and onnxruntime. */
export function programVersions(): { version: string; node: string; onnxruntime: string } {
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return { version: own.version, node: process.version, onnxruntime: runtime.version };
}
