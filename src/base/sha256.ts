import { sha256 as portable } from '@noble/hashes/sha2.js';

/** Node's own SHA-256, twelve times as fast, where there is a Node (20.16 or later) to ask for it. */
const native = (
  globalThis as { process?: { getBuiltinModule?: (id: string) => typeof import('node:crypto') } }
).process?.getBuiltinModule?.('node:crypto');

/** SHA-256 of the parts one after the other, in hexadecimal; text counts as UTF-8. The same everywhere. */
export function sha256(...parts: (Uint8Array | string)[]): string {
  if (native === undefined) return portableSha256(...parts);
  const hash = native.createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** The same in JavaScript alone, as pages compute it. */
export function portableSha256(...parts: (Uint8Array | string)[]): string {
  const hash = portable.create();
  for (const part of parts) hash.update(typeof part === 'string' ? new TextEncoder().encode(part) : part);
  return Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
