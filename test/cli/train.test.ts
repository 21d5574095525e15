import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory, vegaMerc } from './vega-merc.js';

const inside = temporaryDirectory();
const quick = ['--preset', 'small', '--set', 'hidden=16', '--set', 'epochs=1', '--set', 'batchSize=40'];
const train = (out: string, ...args: string[]) => vegaMerc(['train', inside('corpus'), '--out', inside(out), ...args]);

describe('vega-merc train, evaluate and predict', () => {
  beforeAll(() => {
    vegaMerc(['sample', inside('corpus')]);
  }, 60_000);

  test('train says what met what, scores the test split, and says test-selected everywhere where that is so', () => {
    const anchors = inside('corpus/synthetic.anchors.safetensors');
    const { status, stdout, stderr } = train('run', '--anchors', anchors, ...quick, '--select', 'test', '--seed', '3');
    expect(status).toBe(0);
    expect(stderr).toContain('Training on synthetic corpus "synthetic sample": 40 dialogues');
    expect(stderr).toContain('test-selected.\n');
    expect(stderr).toContain('Anchors: neutral = neutral, joy = joy,');
    expect(stderr).toMatch(/^epoch 1\/1 {2}loss \d+\.\d+ {2}test weighted F1 \d+\.\d \(best so far\)/m);
    expect(stdout).toContain('(test-selected): kept epoch 1 of 1');
    expect(stdout).toContain('test split (test-selected): 117 labelled utterances');
    expect(stdout).toContain('Note: Synthetic: made by the program');
    for (const row of ['class head', 'anchor head', 'average of both', 'surer of both', 'visual, anchor head']) {
      expect(stdout).toMatch(new RegExp(`│ ${row} +│ +\\d`));
    }
    expect(JSON.parse(readFileSync(inside('run/config.json'), 'utf8'))).toMatchObject({
      selection: 'test-selected',
      training: { seed: 3, select: 'test' },
    });

    const evaluated = vegaMerc(['evaluate', inside('run'), '--json']);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ selection: 'test-selected', split: 'test', utterances: 117 });
    expect(vegaMerc(['evaluate', inside('run')]).stdout).toContain('test split (test-selected)');

    const predicted = vegaMerc(['predict', inside('run'), inside('corpus'), '--split', 'test']);
    const lines = predicted.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(117);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ selection: 'test-selected' });
    const file = inside('predictions.jsonl');
    expect(vegaMerc(['predict', inside('run'), inside('corpus'), '--split', 'test', '--out', file]).stdout).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(predicted.stdout);
    const whole = vegaMerc(['predict', inside('run'), inside('corpus'), '--json']);
    expect(JSON.parse(whole.stdout)).toMatchObject({ selection: 'test-selected', predictions: { length: 551 } });
  });

  test('says where the last epoch was still the best, and where training may have stopped on a lucky one', () => {
    const rising = train('rising', '--anchors', 'none', ...quick);
    expect(rising.stdout).toContain(
      'The last epoch was still the best: with more of them the score may rise (--set epochs=2).',
    );
    // The first epoch moves nothing any more: at this rate of learning no later one is better.
    const still = ['--set', 'lr=1e-30', '--set', 'epochs=10', '--set', 'patience=2'];
    const lucky = train('lucky', '--anchors', 'none', ...quick, ...still);
    expect(lucky.stdout).toContain('epoch 1 was not surpassed in 2 more');
    expect(lucky.stdout).toContain('(--set patience=4)');
  });

  test('train --json prints one document', () => {
    const { status, stdout } = train('json', '--anchors', 'none', ...quick, '--json');
    expect(status).toBe(0);
    const printed = JSON.parse(stdout);
    expect(printed).toMatchObject({ selection: 'validation-selected', epoch: 1, reason: 'epochs' });
    expect(printed.evaluation.anchorHead).toBeUndefined();
  });

  test.each([
    [['--anchors', 'none', '--set', 'hiden=3'], 2, 'There is no setting "hiden". Did you mean "hidden"?'],
    [['--anchors', 'none', '--set', 'hidden=x'], 2, '--set: the setting "hidden" is "x", but must be a number.'],
    [['--anchors', 'none', '--preset', 'papr'], 2, 'There is no preset "papr".'],
    [['--anchors', 'none', '--threads', '0'], 2, 'must be from 1 to'],
    [['--anchors', 'none', '--threads', '1000'], 2, 'more threads would only wait for each other'],
    [['--anchors', 'none', '--select', 'train'], 2, 'Allowed choices are valid, test'],
    [[], 2, '--anchors none for no anchor branch'],
    [['--anchors', 'nowhere.pt'], 1, 'nowhere.pt: there is no such file or directory.'],
  ])('train %j is refused with exit code %i and a sentence', (args, code, sentence) => {
    const { status, stdout, stderr } = train('refused', ...args);
    expect(status).toBe(code);
    expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(existsSync(inside('refused'))).toBe(false);
  });

  test('--help has presets, examples, and says that the values for MELD were never published', () => {
    const { stdout } = vegaMerc(['train', '--help']);
    expect(stdout).toContain('Examples:\n  $ vega-merc train corpus --anchors anchors.pt --out runs/1');
    expect(stdout).toContain('Presets (default: small):');
    expect(stdout).toContain('paper-iemocap: ');
    expect(stdout).toContain('--set context=causal');
    expect(stdout).toContain('meld-unpublished: For MELD. The hyper-parameters for MELD were never published');
    for (const command of ['evaluate', 'predict']) {
      expect(vegaMerc([command, '--help']).stdout).toContain(`Examples:\n  $ vega-merc ${command} runs/1`);
    }
  });
});
