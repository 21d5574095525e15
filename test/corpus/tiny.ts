import { type Corpus, type CorpusParts, createCorpus } from '../../src/corpus/index.js';

/** Three dialogues of 2, 1 and 3 utterances; text for all, audio missing in rows 1 and 4, no visual. */
export function tinyParts(): CorpusParts {
  return {
    name: 'tiny',
    classes: ['neutral', 'joy'],
    speakers: ['Ann', 'Bob'],
    dialogues: [
      {
        id: 'a',
        utterances: [
          { speaker: 0, label: 0, text: 'Hello – “you”\n' },
          { speaker: 1, label: 1, media: 'a/1.wav', start: 0, end: 1.5 },
        ],
      },
      { id: 'b', utterances: [{ speaker: 1, label: -1 }] },
      {
        id: 'c',
        utterances: [
          { speaker: 0, label: 1 },
          { speaker: 1, label: 0 },
          { speaker: 0, label: 0 },
        ],
      },
    ],
    features: {
      text: { dim: 2, rows: Float32Array.from([1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60]), encoder: 'counting' },
      audio: {
        dim: 1,
        rows: Float32Array.from([1, 0, 3, 5, 0, 7]),
        presence: Uint8Array.from([1, 0, 1, 1, 0, 1]),
      },
    },
    splits: { train: ['c', 'a'], test: ['b'] },
  };
}

export function tinyCorpus(): Corpus {
  return createCorpus(tinyParts(), 'tiny');
}
