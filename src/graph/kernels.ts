import { KERNELS } from './kernels/bytes.js';

/** The exports of kernels/kernels.ts, which documents them. All pointers are byte offsets into the memory. */
export interface Kernels {
  adamw(
    value: number,
    gradient: number,
    first: number,
    second: number,
    n: number,
    scale: number,
    decay: number,
    step: number,
    correction: number,
    beta1: number,
    beta2: number,
    epsilon: number,
  ): void;
  sumOfSquares(at: number, n: number): number;
  /** 1 or 0. */
  allFinite(at: number, n: number): number;
  dropoutMask(
    out: number,
    n: number,
    threshold: number,
    kept: number,
    step: number,
    site: number,
    k0: number,
    k1: number,
  ): void;
  uniform(
    out: number,
    n: number,
    group: number,
    low: number,
    range: number,
    step: number,
    site: number,
    k0: number,
    k1: number,
  ): void;
}

const PAGE = 65536;
let compiled: WebAssembly.Module | undefined;

/** A memory of at least `bytes` bytes, and the kernels that work on it. */
export function createKernelMemory(bytes: number): { memory: WebAssembly.Memory; kernels: Kernels } {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNELS), (c) => c.charCodeAt(0)));
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE)) });
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  return { memory, kernels: instance.exports as unknown as Kernels };
}
