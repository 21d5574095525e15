import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../base/sha256.js';
import type { Code, Machine } from './card.js';

/** Where a number was computed. */
export function thisMachine(): Machine {
  const all = cpus();
  return {
    platform: platform(),
    arch: arch(),
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    onnxruntime: (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version,
  };
}

let known: Code | undefined;

/** What computed it: the package's version, and a hash over every program file of it (a build's, or the sources). */
export function thisCode(): Code {
  known ??= { version: packageVersion(), hash: hashOfPrograms() };
  return known;
}

function packageVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

function hashOfPrograms(): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.d)\.(js|ts|wasm)$/.test(name))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
  return sha256(...files.flatMap((name) => [name, readFileSync(join(root, name))]));
}
