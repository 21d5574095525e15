import { STATUS_CODES } from 'node:http';

/** What can go wrong with a request: the last part of a problem's type. */
export type ProblemKind =
  | 'invalid'
  | 'unauthorised'
  | 'forbidden'
  | 'not-found'
  | 'method'
  | 'too-slow'
  | 'conflict'
  | 'too-large'
  | 'media-type'
  | 'refused'
  | 'too-many'
  | 'defect'
  | 'busy';

const STATUS: Record<ProblemKind, number> = {
  invalid: 400,
  unauthorised: 401,
  forbidden: 403,
  'not-found': 404,
  method: 405,
  'too-slow': 408,
  conflict: 409,
  'too-large': 413,
  'media-type': 415,
  refused: 422,
  'too-many': 429,
  defect: 500,
  busy: 503,
};

/** A request that is not answered; the message is a whole sentence for the client. */
export class Problem extends Error {
  override name = 'Problem';
  readonly kind: ProblemKind;
  readonly headers: Record<string, string>;

  /** @param headers further ones of the answer; `Retry-After` in seconds. */
  constructor(kind: ProblemKind, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.kind = kind;
    this.headers = headers;
  }

  get status(): number {
    return STATUS[this.kind];
  }

  /** Problem details as RFC 9457 has them. */
  toResponse(): Response {
    const body = {
      type: `urn:vega-merc:problem:${this.kind}`,
      title: STATUS_CODES[this.status],
      status: this.status,
      detail: this.message,
    };
    return new Response(JSON.stringify(body), {
      status: this.status,
      headers: { 'content-type': 'application/problem+json', ...this.headers },
    });
  }
}

/** There is no room now. @param seconds after which it may be tried again. */
export function busy(detail: string, seconds = 1): Problem {
  return new Problem('busy', detail, { 'retry-after': `${seconds}` });
}

export function tooMany(detail: string, seconds: number): Problem {
  return new Problem('too-many', detail, { 'retry-after': `${Math.max(1, Math.ceil(seconds))}` });
}
