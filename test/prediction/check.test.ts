import { describe, expect, it } from 'vitest';
import { checkConversation } from '../../src/prediction/check.js';
import type { ModelInputs } from '../../src/prediction/index.js';

const inputs: ModelInputs = { text: { dim: 3 }, audio: { dim: 2, encoder: 'functionals (4)' } };
const check =
  (...utterances: unknown[]) =>
  () =>
    checkConversation(utterances, inputs, 'utterances');
const samples = new Float32Array(16);
const picture = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 3) };

describe('a conversation that cannot be taken', () => {
  it.each<[string, () => unknown, string]>([
    [
      'no list',
      () => checkConversation('hello', inputs, 'utterances'),
      'utterances is the text "hello", but must be a list.',
    ],
    [
      'nothing',
      () => checkConversation(undefined, inputs, 'utterances'),
      'utterances is undefined, but must be a list.',
    ],
    ['empty', check(), 'utterances is empty: a conversation has at least one utterance.'],
    ['no object', check({}, 'hello'), 'utterances[1] is the text "hello", but must be an object.'],
    ['a misspelt field', check({ speeker: 'Ann' }), 'utterances[0] has a field "speeker". Did you mean "speaker"?'],
    ['a number for a name', check({ speaker: 3 }), 'utterances[0].speaker is 3, but must be a text.'],
    ['no text', check({ text: ['a'] }), 'utterances[0].text is a list of 1, but must be a text.'],
    [
      'features as a list',
      check({ features: 'x' }),
      'utterances[0].features is the text "x", but must be an object with rows by modality.',
    ],
    [
      'a misspelt modality',
      check({ features: { vidual: [1] } }),
      'utterances[0].features has a field "vidual". Did you mean "visual"?',
    ],
    [
      'a short row',
      check({}, {}, {}, { features: { audio: new Float32Array(40) } }),
      'utterances[3].features.audio has 40 numbers, but the model takes 2 (those of functionals (4)).',
    ],
    [
      'no row',
      check({ features: { text: 1 } }),
      'utterances[0].features.text is 1, but must be a Float32Array or a list of numbers.',
    ],
    [
      'NaN',
      check({ features: { text: [1, Number.NaN, 2] } }),
      'utterances[0].features.text[1] is NaN, but features must be finite numbers.',
    ],
    [
      'infinity',
      check({ features: { text: Float32Array.of(1, 2, Infinity) } }),
      'utterances[0].features.text[2] is Infinity, but features must be finite numbers.',
    ],
    [
      'no number',
      check({ features: { text: [1, '2', 3] } }),
      'utterances[0].features.text[1] is the text "2", but features must be finite numbers.',
    ],
    [
      'another encoder',
      check({ features: { audio: { row: [1, 2], encoder: 'speech' } } }),
      'utterances[0].features.audio was made by speech, but the model was trained on features of functionals (4).',
    ],
    [
      'an encoder without a name',
      check({ features: { audio: { row: [1, 2], encoder: 7 } } }),
      'utterances[0].features.audio.encoder is 7, but must be the name of what made the row.',
    ],
    [
      'sound twice',
      check({ audio: 'a.wav', features: { audio: [1, 2] } }),
      'utterances[0] has both audio and features.audio; give one of them.',
    ],
    [
      'a face twice',
      check({ face: 'a.png', features: { visual: [1] } }),
      'utterances[0] has both face and features.visual; give one of them.',
    ],
    [
      'sound as numbers',
      check({ audio: { samples: [0, 1], sampleRate: 16_000 } }),
      'utterances[0].audio.samples is a list of 2, but must be a Float32Array of one channel, -1 to 1.',
    ],
    [
      'no sound',
      check({ audio: { samples: new Float32Array(0), sampleRate: 16_000 } }),
      'utterances[0].audio.samples is empty.',
    ],
    [
      'no rate',
      check({ audio: { samples } }),
      'utterances[0].audio.sampleRate is undefined, but must be a number of 8000 to 384000.',
    ],
    [
      'a rate in kHz',
      check({ audio: { samples, sampleRate: 16 } }),
      'utterances[0].audio.sampleRate is 16, but must be a number of 8000 to 384000.',
    ],
    [
      'a sample that is none',
      check({ audio: { samples: Float32Array.of(0, Number.NaN), sampleRate: 16_000 } }),
      'utterances[0].audio.samples[1] is NaN, but must be a finite number.',
    ],
    [
      'sound that is nothing',
      check({ audio: 5 }),
      'utterances[0].audio is 5, but must be samples with their sampleRate, a file or a Blob.',
    ],
    [
      'a clip that ends first',
      check({ video: { file: 'a.mp4', start: 3, end: 2 } }),
      'utterances[0].video ends at 2 s, not after its start at 3 s.',
    ],
    [
      'a clip before the beginning',
      check({ video: { file: 'a.mp4', start: -1 } }),
      'utterances[0].video.start is -1, but must be a number of seconds from 0.',
    ],
    [
      'a film that is no file',
      check({ video: { start: 1 } }),
      'utterances[0].video is an object (Object), but must be a file or a Blob.',
    ],
    [
      'a face that is none',
      check({ face: 1 }),
      'utterances[0].face is 1, but must be a decoded picture, a file or a Blob.',
    ],
    [
      'a picture without width',
      check({ face: { ...picture, width: 0 } }),
      'utterances[0].face.width is 0, but must be a whole number from 16.',
    ],
    [
      'a picture without data',
      check({ face: { width: 16, height: 16 } }),
      'utterances[0].face.data is undefined, but must be a Uint8Array.',
    ],
    [
      'a picture cut short',
      check({ face: { ...picture, data: new Uint8Array(9) } }),
      'utterances[0].face.data has 9 bytes, but 16 x 16 pixels have 768 (RGB) or 1024 (RGBA).',
    ],
  ])('%s is refused with a sentence that names the field', (_, run, sentence) => {
    expect(run).toThrow(sentence);
  });

  it('is any other', () => {
    const file = new Blob([new Uint8Array(3)]);
    const fine = [
      {},
      { speaker: 'Ann', text: '', audio: { samples, sampleRate: 48_000 }, face: picture },
      { audio: file, face: file, video: { file, start: 0, end: 1.5 } },
      // What the model does not take is not looked at.
      { features: { text: [1, 2, 3], audio: undefined, visual: [Number.NaN] } },
      { video: 'a.mp4', features: { audio: { row: [1, 2], encoder: 'functionals (4)' } } },
      { face: { ...picture, data: new Uint8ClampedArray(16 * 16 * 4) } },
    ];
    expect(checkConversation(fine, inputs, 'utterances')).toBe(fine);
  });
});
