import { Problem } from './problems.js';

/** A slow client must give so many bytes a second once its patience is used up. */
const LEAST_RATE = 1024;

export interface BodyLimits {
  /** Bytes. */
  most: number;
  /** Milliseconds before the rate counts. */
  patience: number;
}

/**
 * A body as it comes. What is counted are its bytes: a header can lie.
 * @throws Problem where it is too large or too slow; what the client's end of the connection gives as its reason.
 */
export async function* readCounted(request: Request, { most, patience }: BodyLimits): AsyncGenerator<Uint8Array> {
  const tooLarge = () =>
    new Problem('too-large', `The body is larger than the ${most.toLocaleString('en-US')} bytes that are taken here.`, {
      connection: 'close',
    });
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge();
  if (request.body === null) return;
  const reader = request.body.getReader();
  const started = performance.now();
  let bytes = 0;
  let ended = false;
  try {
    for (;;) {
      const left = started + patience + (1000 * bytes) / LEAST_RATE - performance.now();
      const { done, value } = await within(reader.read(), left);
      if (done) {
        ended = true;
        return;
      }
      bytes += value.length;
      if (bytes > most) throw tooLarge();
      yield value;
    }
  } finally {
    // What still comes is not kept.
    if (!ended) void reader.cancel().catch(() => undefined);
  }
}

async function within<T>(reading: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Problem('too-slow', 'The body came too slowly.', { connection: 'close' })),
      Math.max(1, ms),
    );
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
    reading.catch(() => undefined);
  }
}

/** Memory that bodies of several requests share. */
export class Budget {
  private used = 0;
  readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /** @returns whether there was room. */
  take(bytes: number): boolean {
    if (this.used + bytes > this.most) return false;
    this.used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}

/** @throws Problem as `readCounted`, and where the memory for bodies is used up. */
export async function readWhole(request: Request, limits: BodyLimits, budget: Budget): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of readCounted(request, limits)) {
      if (!budget.take(piece.length)) {
        throw new Problem('busy', 'The memory for bodies is used up.', { 'retry-after': '1', connection: 'close' });
      }
      bytes += piece.length;
      pieces.push(piece);
    }
    return Buffer.concat(pieces, bytes);
  } finally {
    budget.give(bytes);
  }
}

/** @throws Problem where the request's body is of another type. */
export function requireType(request: Request, ...types: string[]): string {
  const type = (request.headers.get('content-type') ?? '').split(';')[0].trim().toLowerCase();
  if (types.includes(type)) return type;
  throw new Problem(
    'media-type',
    `The body is ${type === '' ? 'of no type that is named' : `called ${JSON.stringify(type.slice(0, 80))}`}, but must be ${types.join(' or ')}.`,
  );
}
