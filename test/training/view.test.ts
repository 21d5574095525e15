import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCorpus } from '../../src/corpus/files.js';
import { createCorpus, sampleCorpus } from '../../src/corpus/index.js';
import { evaluateModel, trainAndEvaluate } from '../../src/evaluation/index.js';
import { presetConfig, readRunConfig, withOverrides } from '../../src/run/index.js';
import { viewOf } from '../../src/training/view.js';

const corpus = sampleCorpus(1);
const configure = (...set: string[]) => withOverrides(presetConfig('small'), set);

describe('viewOf', () => {
  it('is the corpus itself by default', () => {
    const { hash: _, origin: __, ...rest } = corpus;
    expect(viewOf(corpus, configure('speakers=known'))).toEqual(rest);
  });

  it('leaves out modalities, and makes all speakers one, and has no hash', () => {
    const view = viewOf(corpus, configure('modalities=visual,text', 'speakers=ignored'));
    expect(Object.keys(view.features)).toEqual(['text', 'visual']);
    expect(view.features.text).toBe(corpus.features.text);
    expect(view.speakers).toEqual(['anyone']);
    const speakers = view.dialogues.flatMap(({ utterances }) => utterances.map(({ speaker }) => speaker));
    expect(new Set(speakers)).toEqual(new Set([0]));
    const labels = ({ dialogues }: Pick<typeof corpus, 'dialogues'>) =>
      dialogues.flatMap((d) => d.utterances.map((u) => u.label));
    expect(labels(view)).toEqual(labels(corpus));
    expect(view).not.toHaveProperty('hash');
    // The corpus that was given is as it was.
    expect(corpus).toEqual(sampleCorpus(1));
  });

  it('numbers speakers within each dialogue in the order in which they first speak', () => {
    const view = viewOf(corpus, configure('speakers=within'));
    const most = Math.max(...corpus.dialogues.map((d) => new Set(d.utterances.map(({ speaker }) => speaker)).size));
    expect(view.speakers).toEqual(Array.from({ length: most }, (_, i) => `speaker ${i + 1}`));
    view.dialogues.forEach(({ utterances }, d) => {
      const before = corpus.dialogues[d].utterances;
      const order = [...new Set(before.map(({ speaker }) => speaker))];
      expect(utterances.map(({ speaker }) => speaker)).toEqual(before.map(({ speaker }) => order.indexOf(speaker)));
    });
  });

  it('takes those of the modalities that are there, and refuses where none is', () => {
    const { text } = corpus.features;
    const quiet = createCorpus({ ...corpus, features: { text } }, 'the test');
    expect(Object.keys(viewOf(quiet, configure('modalities=text,audio')).features)).toEqual(['text']);
    expect(() => viewOf(quiet, configure('modalities=audio,visual'))).toThrow(
      'Corpus "synthetic sample" has no audio or visual features, which are all that the model is to see; it has text.',
    );
  });
});

describe('--set modalities and speakers', () => {
  it.each([
    ['modalities=all', 'all'],
    ['modalities=text', ['text']],
    ['modalities=visual, text', ['text', 'visual']],
    ['modalities=audio,audio', ['audio']],
  ])('%s', (set, modalities) => {
    expect(configure(set).modalities).toEqual(modalities);
  });

  it.each([
    ['modalities=', /"modalities" is \[empty\], but must be "all" or some of text, audio, visual, as in text,audio\.$/],
    ['modalities=text,vidual', /"modalities" is \["text", "vidual"\], but must be "all" or some of/],
    ['modalities=text,all', /but must be "all" or some of/],
    ['speakers=none', /"speakers" is "none"/],
    ['context=past', /"context" is "past"/],
  ])('%s is refused', (set, sentence) => {
    expect(() => configure(set)).toThrow(sentence);
  });
});

describe('a run on a part of a corpus', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'vega-view-'));
    writeCorpus(join(root, 'corpus'), corpus);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('scores the same once reopened, and says what it saw', async () => {
    const out = join(root, 'part');
    const seen = ['modalities=text,audio', 'speakers=ignored', 'context=none'];
    const { evaluation } = await trainAndEvaluate({
      corpus: join(root, 'corpus'),
      anchors: 'random',
      out,
      preset: 'small',
      set: ['hidden=16', 'epochs=1', 'batchSize=20', ...seen],
      threads: 1,
    });
    const { shape, training } = readRunConfig(out);
    expect(shape).toMatchObject({ speakers: 1, dims: { text: 32, audio: 24 } });
    expect(shape.dims.visual).toBeUndefined();
    expect(training).toMatchObject({ modalities: ['text', 'audio'], speakers: 'ignored', context: 'none' });
    expect(Object.keys(evaluation?.modalities ?? {})).toEqual(['text', 'audio']);
    const again = await evaluateModel({ model: out, threads: 1 });
    expect(again.evaluation).toEqual(evaluation);
    expect(again.notes).toEqual([]);
  }, 120_000);
});
