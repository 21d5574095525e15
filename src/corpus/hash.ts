import { MODALITIES, type Modality } from '../base/modalities.js';
import { sha256 } from '../base/sha256.js';
import type { Corpus } from './types.js';

/** SHA-256, in hexadecimal, of a corpus and of each feature table in it. */
export interface CorpusHashes {
  corpus: string;
  features: Partial<Record<Modality, string>>;
}

/**
 * Hashes what a number computed from a corpus depends on: class names, speakers and labels of every utterance by
 * dialogue, splits, features and presence. Texts, media, names and notes are left out.
 * The canonical form is JSON with these keys in this order; a table enters by its own hash, over its dimension, its
 * rows and its presence as little-endian bytes.
 */
export function hashCorpus(corpus: Omit<Corpus, 'hash'>): CorpusHashes {
  const features: CorpusHashes['features'] = {};
  for (const modality of MODALITIES) {
    const table = corpus.features[modality];
    if (table !== undefined) {
      features[modality] = sha256(`${table.dim}\n`, bytesOf(table.rows), table.presence ?? '');
    }
  }
  const { train, valid, test } = corpus.splits;
  const canonical = {
    classes: corpus.classes,
    speakers: corpus.speakers.length,
    dialogues: corpus.dialogues.map(({ id, utterances }) => [
      id,
      utterances.map(({ speaker }) => speaker),
      utterances.map(({ label }) => label),
    ]),
    splits: { train, valid, test },
    features,
  };
  return { corpus: sha256(JSON.stringify(canonical)), features };
}

function bytesOf(rows: Float32Array): Uint8Array {
  return new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
}
