import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnchorBank } from '../../src/anchors/index.js';
import { randomStream } from '../../src/base/random.js';
import { type Corpus, createCorpus } from '../../src/corpus/index.js';
import { readSafetensors, writeSafetensors, writeTorch } from '../../src/interchange/files.js';
import { asFloat32, type NdArray } from '../../src/interchange/index.js';
import { softmaxRows } from '../../src/metrics/index.js';
import { conversationOf } from '../../src/prediction/index.js';
import { openWith } from '../../src/prediction/node/index.js';
import { open } from '../../src/prediction/node/open.js';

// A golden case of the released implementation: its weights as a checkpoint, its input as a corpus.
const golden = readSafetensors('../shared/golden/vega/iemocap_small.safetensors').tensors;
const meta = JSON.parse(readFileSync('../shared/golden/vega/iemocap_small.json', 'utf8')) as {
  classes: string[];
  n_speakers: number;
  dialogue_lengths: number[];
};
const values = (name: string) => asFloat32(golden.get(name) as NdArray);
const shape = (name: string) => (golden.get(name) as NdArray).shape;
const longest = shape('input.text')[1];

/** Rows of real utterances of a padded tensor [B, L, K]. */
function packed(name: string): Float32Array {
  const width = shape(name)[2];
  const rows = meta.dialogue_lengths.flatMap((length, b) => [
    ...values(name).subarray(b * longest * width, (b * longest + length) * width),
  ]);
  return Float32Array.from(rows);
}
const speakers = packed('input.speaker_onehot');
const labels = values('input.label');
let row = 0;
const corpus: Corpus = createCorpus(
  {
    name: 'golden',
    classes: meta.classes,
    speakers: ['F', 'M'],
    dialogues: meta.dialogue_lengths.map((length, b) => ({
      id: `d${b}`,
      utterances: Array.from({ length }, (_, i) => ({
        speaker: speakers[2 * row++] === 1 ? 0 : 1,
        label: labels[b * longest + i],
      })),
    })),
    features: Object.fromEntries(
      (['text', 'audio', 'visual'] as const).map((m) => [
        m,
        { dim: shape(`input.${m}`)[2], rows: packed(`input.${m}`) },
      ]),
    ),
    splits: {},
  },
  'the golden case',
);
const anchors: AnchorBank = {
  classes: meta.classes,
  dim: shape('anchor.center')[1],
  centres: values('anchor.center'),
  exemplars: meta.classes.map(() => new Float32Array(0)),
  hash: '',
};
const parameters = new Map(
  [...golden].filter(([name]) => name.startsWith('param.')).map(([name, tensor]) => [name.slice(6), tensor]),
);
const without = (pattern: RegExp) => new Map([...parameters].filter(([name]) => !pattern.test(name)));

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vega-checkpoint-'));
});
afterAll(() => rmSync(root, { recursive: true }));

async function outputs(path: string, anchors?: AnchorBank) {
  const { predictor, fit } = await openWith(path, corpus, { anchors });
  const conversations = [0, 1, 2].map((index) => conversationOf(corpus, index));
  const result = await predictor.outputs(conversations);
  const lines = [];
  for await (const answers of predictor.predictAll(conversations)) lines.push(...answers);
  await predictor.dispose();
  return { ...result, lines, notes: [...fit.notes, ...predictor.about.notes] };
}
const worst = (got: Float32Array | undefined, want: Float32Array) =>
  got?.reduce((most, value, i) => Math.max(most, Math.abs(value - want[i])), 0);

describe('a released checkpoint', () => {
  it('without the anchor branch gives the class heads of the released implementation, and says what is missing', async () => {
    const path = join(root, 'released.pth');
    writeTorch(path, without(/_clip_proj|_clip_temp/));
    const { logits, anchorLogits, lines, notes } = await outputs(path);
    for (const branch of ['text', 'audio', 'visual', 'fused'] as const) {
      expect(worst(logits[branch], packed(`output.${branch}_logits`))).toBeLessThan(2e-5);
    }
    expect(anchorLogits).toBeUndefined();
    expect(lines[0].heads.anchorHead).toBeUndefined();
    expect(lines[0].mixtures).toBeUndefined();
    expect(notes.join('\n')).toMatch(/only the class head is given/);
    expect(notes.join('\n')).toMatch(/names no classes/);
    expect(notes.join('\n')).not.toMatch(/random initial values/);
  });

  it('with projections and given anchors gives both heads and both mixtures', async () => {
    const path = join(root, 'whole.safetensors');
    writeSafetensors(path, parameters);
    const { anchorLogits, lines } = await outputs(path, anchors);
    expect(worst(anchorLogits?.fused, packed('output.fused_anchor_logits'))).toBeLessThan(2e-3);
    const [average, maximum] = [packed('output.average_prob'), packed('output.max_prob')];
    lines.forEach((line, n) => {
      meta.classes.forEach((name, c) => {
        expect(line.mixtures?.average[name]).toBeCloseTo(average[n * meta.classes.length + c], 4);
        expect(line.mixtures?.maximum[name]).toBeCloseTo(maximum[n * meta.classes.length + c], 4);
      });
    });
  });

  it('is found one level down and with the prefix of data-parallel training', async () => {
    const path = join(root, 'nested.pth');
    const prefixed = new Map([...parameters].map(([name, tensor]) => [`module.${name}`, tensor]));
    writeTorch(
      path,
      new Map<string, number | Map<string, NdArray>>([
        ['epoch', 3],
        ['state_dict', prefixed],
      ]),
    );
    const { logits } = await outputs(path);
    expect(worst(logits.fused, packed('output.fused_logits'))).toBeLessThan(2e-5);
  });

  it('with any other subset loads, says what is random, and leaves out heads that are not whole', async () => {
    const path = join(root, 'subset.pth');
    writeTorch(path, without(/^t_a\.|^a_output_layer\.2/));
    const { logits, notes } = await outputs(path);
    expect(logits.audio).toBeUndefined();
    expect(logits.text).toBeDefined();
    expect(logits.fused?.every(Number.isFinite)).toBe(true);
    expect(notes.join('\n')).toMatch(/\d+ parameters are not in the file and have random initial values/);
  });

  it('with any half of its tensors loads and predicts', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const stream = randomStream(seed, 0, 0);
      const path = join(root, 'half.safetensors');
      writeSafetensors(path, new Map([...parameters].filter(() => stream.uniform() < 0.5)));
      const { logits, notes } = await outputs(path, anchors);
      expect(logits.fused?.every(Number.isFinite), `seed ${seed}`).toBe(true);
      expect(notes.join('\n')).toMatch(/have random initial values/);
    }
  });

  it('for fewer modalities builds a model of those', async () => {
    const path = join(root, 'narrow.pth');
    const text = new Map(
      [...parameters].filter(([name]) => /^(textf|speaker|t_t|t_output|all_output|last)/.test(name)),
    );
    writeTorch(path, text);
    const { logits, notes } = await outputs(path);
    expect(Object.keys(logits)).toEqual(['text', 'fused']);
    expect(notes.join('\n')).toMatch(/built without audio/);
  });

  it('is refused where its classes or anchors do not fit, or it is no checkpoint', async () => {
    const path = join(root, 'classes.pth');
    writeTorch(path, parameters);
    const seven = createCorpus({ ...corpus, classes: [...meta.classes, 'fear'] }, 'the test');
    await expect(openWith(path, seven)).rejects.toThrow(
      'The checkpoint tells 6 classes apart, but corpus "golden" has 7: happy',
    );
    const wide = { ...anchors, dim: 12, classes: [...meta.classes, ...meta.classes].slice(0, 6) };
    wide.centres = anchors.centres.slice(0, 72);
    await expect(openWith(path, corpus, { anchors: wide })).rejects.toThrow(
      'The anchors have dimension 12, but the checkpoint projects to dimension 24.',
    );
    const other = join(root, 'other.pth');
    writeTorch(other, new Map([['weight', { shape: [1], dtype: 'float32', data: new Float32Array(1) }]]));
    await expect(openWith(other, corpus)).rejects.toThrow('holds no parameter of a VEGA model');
    await expect(open(path)).rejects.toThrow('which names no classes; give them in order');
    await expect(open(path, { classes: ['joy', 'anger'] })).rejects.toThrow(
      'The checkpoint tells 6 classes apart, but the list given has 2: joy, anger.',
    );
  });

  it('opens with the names of its classes, and knows its speakers by theirs', async () => {
    const path = join(root, 'named.pth');
    writeTorch(path, parameters);
    const rows = conversationOf(corpus, 0).map(({ features }) => features);
    const said = rows.map((features, i) => ({
      features,
      speaker: corpus.speakers[corpus.dialogues[0].utterances[i].speaker],
    }));
    const model = await open(path, { classes: meta.classes, speakers: ['F', 'M'] });
    const answers = await model.predict(said);
    await model.dispose();
    const wanted = softmaxRows(packed('output.fused_logits').slice(0, 6 * said.length), 6);
    answers.forEach(({ probabilities }, n) => {
      meta.classes.forEach((name, c) => {
        expect(probabilities[name]).toBeCloseTo(wanted[n * 6 + c], 4);
      });
    });
  });
});
