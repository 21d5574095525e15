import { relative } from 'node:path';
import type { Modality } from '../../base/modalities.js';
import type { Corpus, EncoderPart } from '../../corpus/index.js';
import type { Source } from '../sources/source.js';
import type { SpokenFace } from '../visual/faces.js';
import { columnsOf } from './columns.js';
import type { Outcome } from './encode.js';

/** How many utterances have a modality, lack it, or could not be read. */
export interface Counts {
  present: number;
  absent: number;
  failed: number;
}

/** An utterance without a modality, and why. */
export interface Miss {
  dialogue: string;
  index: number;
  modality: Modality;
  /** Absent: whole, but without text, voice or face. Failed: it could not be read. */
  state: 'absent' | 'failed';
  /** Relative to the corpus directory. */
  media?: string;
  reason: string;
}

/** extraction.json: how the features of a corpus were made, and what could not be read. */
export interface ExtractionRecord {
  formatVersion: 1;
  encoders: Partial<Record<Modality, { dim?: number; parts: readonly EncoderPart[]; columns?: string[] }>>;
  counts: Partial<Record<Modality, Counts>>;
  misses: Miss[];
  /** The face that spoke for each utterance with one, where it is largest. */
  faces?: ({ dialogue: string; index: number } & SpokenFace)[];
  /** What found the utterances, words and speakers of a recording without a transcript. */
  hearing?: Record<string, string>;
}

/** @param out the corpus directory, to which media paths are relative. */
export function recordOf(
  { utterances }: Source,
  outcomes: ReadonlyMap<Modality, readonly (Outcome | undefined)[]>,
  parts: ReadonlyMap<Modality, readonly EncoderPart[]>,
  corpus: Corpus,
  out: string,
): ExtractionRecord {
  const record: ExtractionRecord = { formatVersion: 1, encoders: {}, counts: {}, misses: [] };
  for (const modality of outcomes.keys()) {
    const dim = corpus.features[modality]?.dim;
    const described = parts.get(modality) ?? [];
    const columns = dim === undefined || modality === 'text' ? undefined : columnsOf(described, dim);
    record.encoders[modality] = { dim, parts: described, columns };
    record.counts[modality] = { present: 0, absent: 0, failed: 0 };
  }
  const faces: NonNullable<ExtractionRecord['faces']> = [];
  let index = -1;
  utterances.forEach((utterance, row) => {
    index = utterances[row - 1]?.dialogue === utterance.dialogue ? index + 1 : 0;
    for (const [modality, rows] of outcomes) {
      const outcome = rows[row] ?? { state: 'absent', reason: modality === 'text' ? 'no text' : 'no recording' };
      (record.counts[modality] as Counts)[outcome.state]++;
      if (outcome.state === 'present') {
        if (outcome.face) faces.push({ dialogue: utterance.dialogue, index, ...outcome.face });
        continue;
      }
      const clip = modality === 'audio' ? utterance.sound : utterance.pictures;
      const media = modality === 'text' || clip === undefined ? undefined : relative(out, clip.media);
      const { state, reason } = outcome;
      record.misses.push({ dialogue: utterance.dialogue, index, modality, state, media, reason });
    }
  });
  if (faces.length > 0) record.faces = faces;
  return record;
}
