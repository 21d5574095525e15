import { readdirSync, readFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programVersions } from '../base/program.js';
import { sha256 } from '../base/sha256.js';
import type { Code, Machine } from './card.js';

/** Where a number was computed. */
export function thisMachine(): Machine {
  const all = cpus();
  const { node, onnxruntime } = programVersions();
  return {
    platform: platform(),
    arch: arch(),
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node,
    onnxruntime,
  };
}

let known: Code | undefined;

/** What computed it: the package's version, and a hash over every program file of it (a build's, or the sources). */
export function thisCode(): Code {
  known ??= { version: programVersions().version, hash: hashOfPrograms() };
  return known;
}

function hashOfPrograms(): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.d)\.(js|ts|wasm)$/.test(name))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
  return sha256(...files.flatMap((name) => [name, readFileSync(join(root, name))]));
}
