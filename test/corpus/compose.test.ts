import { describe, expect, test } from 'vitest';
import { type Corpus, composeCorpus, createCorpus, type SplitName } from '../../src/corpus/index.js';

const CLASSES = ['neutral', 'joy'];
const SPLITS: Record<string, SplitName> = { train: 'train', valid: 'valid', test: 'test' };

/** Conversations of two speakers, twelve utterances each, two a split; the label follows the position. */
function conversations(): Corpus {
  const ids = Object.keys(SPLITS).flatMap((split) => [`${split}-1`, `${split}-2`]);
  const dialogues = ids.map((id) => ({
    id,
    utterances: Array.from({ length: 12 }, (_, i) => ({
      speaker: i % 2,
      label: i === 11 ? -1 : Math.floor(i / 2) % 2,
      text: `${id} ${i}`,
    })),
  }));
  return createCorpus(
    {
      name: 'talk',
      classes: CLASSES,
      speakers: ['Ann', 'Bob'],
      dialogues,
      features: { text: { dim: 1, rows: new Float32Array(12 * ids.length).fill(1) } },
      splits: splitsOf(ids),
    },
    'talk',
  );
}

/** People of one split each, three rows a class; a row holds [person, class]. */
function donors(name: string, modality: 'audio' | 'visual', people: number, anonymous = false): Corpus {
  const ids = Object.keys(SPLITS).flatMap((split) => Array.from({ length: people }, (_, p) => `${split}-${p}`));
  const dialogues = ids.map((id, person) => ({
    id,
    utterances: Array.from({ length: 6 }, (_, i) => ({ speaker: anonymous ? 0 : person, label: i % 2 })),
  }));
  const rows = Float32Array.from(
    ids.flatMap((_, person) => Array.from({ length: 6 }, (_, i) => [person, i % 2]).flat()),
  );
  return createCorpus(
    {
      name,
      classes: ['calm', 'happy'],
      speakers: anonymous ? ['unknown'] : ids,
      dialogues,
      features: { [modality]: { dim: 2, rows, encoder: `${modality} encoder` } },
      splits: splitsOf(ids),
    },
    name,
  );
}

function splitsOf(ids: readonly string[]): Corpus['splits'] {
  return Object.fromEntries(Object.values(SPLITS).map((split) => [split, ids.filter((id) => id.startsWith(split))]));
}

const voices = donors('voices', 'audio', 3);
const faces = donors('faces', 'visual', 1, true);

describe('composeCorpus', () => {
  const composed = composeCorpus(conversations(), { name: 'made', seed: 1, voices, faces });
  const each = (corpus: Corpus) =>
    corpus.dialogues.flatMap(({ id, offset, utterances }) =>
      utterances.map((utterance, i) => ({ id, row: offset + i, ...utterance })),
    );

  test('gives every labelled utterance a voice and a face of its emotion, from the same split', () => {
    for (const { id, row, label, from } of each(composed)) {
      for (const [modality, donor] of [
        ['audio', 'voices'],
        ['visual', 'faces'],
      ] as const) {
        const table = composed.features[modality];
        expect(table?.presence?.[row]).toBe(label < 0 ? 0 : 1);
        if (label < 0) expect(from?.[modality]).toBeUndefined();
        else {
          expect(table?.rows[row * 2 + 1]).toBe(label);
          expect(from?.[modality]).toMatch(new RegExp(`^${donor}/${id.split('-')[0]}-`));
        }
      }
      expect(from?.text).toBe(`talk/${id}/${row % 12}`);
    }
  });

  test('a speaker keeps one voice for a conversation, and another speaker has another', () => {
    for (const { utterances, offset } of composed.dialogues) {
      const heard = (speaker: number) =>
        new Set(
          utterances.flatMap((u, i) =>
            u.speaker === speaker && u.label >= 0 ? [composed.features.audio?.rows[(offset + i) * 2]] : [],
          ),
        );
      expect([heard(0).size, heard(1).size]).toEqual([1, 1]);
      expect([...heard(0)]).not.toEqual([...heard(1)]);
    }
  });

  test('uses each row once before any again', () => {
    const one = each(composed).filter(({ id, speaker, label }) => id === 'train-1' && speaker === 0 && label === 0);
    expect(new Set(one.map(({ from }) => from?.audio)).size).toBe(3);
  });

  test('the seed decides, and the corpus says what it is', () => {
    const again = composeCorpus(conversations(), { name: 'made', seed: 1, voices, faces });
    const other = composeCorpus(conversations(), { name: 'made', seed: 2, voices, faces });
    expect(again.hash).toBe(composed.hash);
    expect(other.hash).not.toBe(composed.hash);
    expect(composed.composed).toBe(true);
    expect(composed.note).toContain('Composed');
    expect(composed.origin?.[0]).toContain('seed 1');
    expect(composed.features.audio?.encoder).toBe('audio encoder');
  });

  test('leaves modalities out by chance, never all of them', () => {
    const leaveOut = { text: 1, audio: 0.5, visual: 0.5 };
    const sparse = composeCorpus(conversations(), { name: 'made', seed: 3, voices, faces, leaveOut });
    const present = (modality: 'text' | 'audio' | 'visual') => sparse.features[modality]?.presence ?? new Uint8Array();
    const counts = each(sparse).map(({ row }) => present('text')[row] + present('audio')[row] + present('visual')[row]);
    expect(Math.min(...counts)).toBe(1);
    const share = [...present('audio')].reduce((a, b) => a + b, 0) / sparse.utterances;
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.75);
    for (const { row, from } of each(sparse)) {
      expect(from?.audio !== undefined).toBe(present('audio')[row] === 1);
      if (present('audio')[row] === 0) expect(sparse.features.audio?.rows[row * 2 + 1]).toBe(0);
    }
  });

  test('refuses a donor with nobody in a split, without the modality, or without a common class', () => {
    const trainOnly = createCorpus({ ...voices, splits: { train: voices.splits.train } }, 'voices');
    const compose = (donor: Corpus) => () => composeCorpus(conversations(), { name: 'x', seed: 1, voices: donor });
    expect(compose(trainOnly)).toThrow('nobody with audio in its valid split');
    expect(compose(faces)).toThrow('has no audio features');
    expect(compose(createCorpus({ ...voices, classes: ['fear', 'anger'] }, 'voices'))).toThrow('shares no class');
    expect(() => composeCorpus(conversations(), { name: 'x', seed: 1 })).toThrow('needs voices or faces');
  });
});
