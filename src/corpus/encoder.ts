import type { EncoderPart } from './encoderPart.js';

/** What made some features, for people and where it is known for programs. */
export interface MadeBy {
  encoder?: string;
  parts?: readonly EncoderPart[];
}

/** A part in words: "speech (@moonshine-ai/moonshine-js 0.1.29)". */
export function encoderName({ encoder, package: name, version, model, sha256 }: EncoderPart): string {
  const what = name === undefined ? version : `${name} ${version}`;
  const file =
    sha256 === undefined ? undefined : `${model === undefined ? '' : `${model}, `}SHA-256 ${sha256.slice(0, 16)}`;
  return `${encoder} (${file ?? what})`;
}

/** Settings that change how a row is made, but not what its numbers mean. */
const TUNING = ['framesPerSecond', 'detector', 'decoder'];

/**
 * Whether features are of the kind that a model takes. Two releases of one package count as one encoder, and so do other
 * frame rates; another model, pooling or method does not. Where either side says nothing, nothing speaks against them.
 */
export function sameEncoder(wanted: MadeBy, given: MadeBy): boolean {
  if (wanted.parts !== undefined && given.parts !== undefined)
    return JSON.stringify(wanted.parts.map(identity)) === JSON.stringify(given.parts.map(identity));
  return wanted.encoder === undefined || given.encoder === undefined || wanted.encoder === given.encoder;
}

function identity(part: EncoderPart): unknown {
  const { version, ...rest } = part;
  const kept = rest.package === undefined ? part : rest;
  return Object.entries(kept)
    .filter(([name, value]) => value !== undefined && !TUNING.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
