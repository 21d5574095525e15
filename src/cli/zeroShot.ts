import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { type AnchorBank, buildBank } from '../anchors/index.js';
import { canonicalEmotion } from '../base/emotions.js';
import { InputError } from '../base/errors.js';
import { readCorpus } from '../corpus/files.js';
import { corpusKind } from '../corpus/index.js';
import type { TargetResult, ZeroShotResults } from '../evaluation/index.js';
import { runZeroShot } from '../evaluation/index.js';
import type { Provider } from '../graph/providers.js';
import { DEFAULT_PRESET } from '../run/index.js';
import { assignment, seedsOption } from './ablate.js';
import { experimentBoard } from './experimentBoard.js';
import { integerOption, listOption, providerOption, repeatedOption, threadsOption } from './options.js';
import { createProgress, formatTable, type Progress, percent, print, printJson, say } from './output.js';

interface Options {
  anchors: string;
  out: string;
  preset: string;
  set: string[];
  seeds: number[];
  targets?: string[];
  split: string;
  jobs?: number;
  threads: number;
  provider?: Provider;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('zero-shot')
    .description('leave each emotion out of training in turn: is it then found by its faces alone?')
    .argument('<corpus>', 'corpus directory')
    .requiredOption('--anchors <file>', 'anchor file of faces for all classes')
    .requiredOption('--out <directory>', 'an experiment directory; goes on where it stopped')
    .option('--preset <name>', 'starting point of the settings', DEFAULT_PRESET)
    .option('--set <key=value>', 'replaces one setting of every run; may be given many times', repeatedOption, [])
    .option('--seeds <list>', 'seeds with commas between', seedsOption, [1, 2, 3, 4, 5])
    .option('--targets <list>', 'only these kinds of anchors, and random ones (default: all)', listOption)
    .option('--split <name>', 'test, or valid while settings are chosen', 'test')
    .option('--jobs <n>', "runs at a time (default: the machine's cores)", integerOption)
    .option('--threads <n>', 'threads of each run', threadsOption, 1)
    .addOption(providerOption('cpu, or where a run was begun'))
    .option('--json', 'print one JSON document: zero-shot.json')
    .addHelpText(
      'after',
      `
Example:
  $ vega-merc zero-shot corpus --anchors faces.anchors.safetensors --out zero-shot --set anchorScale=10

Compares faces as anchors (as they are, with the mean face subtracted, whitened) with orthonormal random directions and
with embeddings of the emotions' names. AUC: how often an utterance of the unseen emotion lies nearer to that emotion's
anchor than another utterance does; 50 is chance.
Targets: faces, faces-centred, faces-whitened, random, words-centred.`,
    )
    .action(async (path: string, { anchors, out, jobs, threads, provider, json, set, split, ...rest }: Options) => {
      if (split !== 'test' && split !== 'valid')
        throw new InputError(`There is no split "${split}" to score; test or valid.`);
      const { classes } = readCorpus(path);
      const words = await wordAnchors(classes).catch((error) => {
        if (!(error instanceof InputError)) throw error;
        say(`The target "words-centred" is left out. ${error.message}`);
        return undefined;
      });
      const board = experimentBoard();
      let progress: Progress | undefined;
      const results = await runZeroShot({
        ...rest,
        name: basename(resolve(out)),
        directory: out,
        corpus: path,
        faces: anchors,
        ...(words && { words }),
        set: Object.fromEntries(set.map(assignment)),
        split,
        jobs: jobs ?? availableParallelism(),
        threads,
        provider,
        listener: board.listener,
        onScored(done, runs) {
          progress ??= createProgress('scored', runs);
          progress.update(done);
        },
      }).finally(() => {
        board.stop();
        progress?.stop();
      });
      if (json) printJson(results);
      else printZeroShot(results);
    });
}

/** Embeddings of the classes' names, by the sentence encoder that text features are made with. */
async function wordAnchors(classes: readonly string[]): Promise<AnchorBank> {
  const { openSentenceEncoder } = await import('../encoders/text/sentence.js');
  const encoder = await openSentenceEncoder();
  try {
    const rows = await encoder.embed(classes.map(canonicalEmotion));
    const { dim } = encoder;
    return buildBank(
      classes.map((name, c) => ({ name, embeddings: rows.slice(c * dim, (c + 1) * dim) })),
      dim,
      'sentence encoder, of the name',
    );
  } finally {
    await encoder.dispose();
  }
}

function printZeroShot(results: ZeroShotResults): void {
  const { corpus, classes, targets, split, selection, seeds, utterances, dialogues, modalities, settings, preset } =
    results;
  print(
    `\n${corpusKind(corpus)} "${corpus.name}", ${split} split, ${selection}, ${modalities.join(' + ')}, preset ${preset}` +
      `${settings.length > 0 ? ` with ${settings.join(', ')}` : ''}: ${utterances} utterances in ${dialogues} dialogues, ` +
      `seeds ${seeds.join(', ')}. Each emotion left out of training in turn.`,
  );
  if (corpus.note) print(`Note: ${corpus.note}`);
  const spread = ({ mean, sd }: TargetResult['scores']['harmonic']) =>
    `${percent(mean)}${sd === null ? '' : ` ± ${percent(sd)}`}`;
  print(
    formatTable(
      [
        'target',
        'AUC by similarity',
        '95 % interval',
        'against random',
        'p (Holm)',
        'AUC by softmax',
        'unseen F1',
        'seen F1',
        'harmonic',
      ],
      targets.map(({ target, scores, interval, comparison }) => [
        target,
        spread(scores.bySimilarity),
        `${percent(interval.lower)} to ${percent(interval.upper)}`,
        comparison ? `${comparison.difference >= 0 ? '+' : ''}${percent(comparison.difference)}` : '–',
        comparison ? (comparison.pHolm < 0.001 ? '<0.001' : comparison.pHolm.toFixed(3)) : '–',
        spread(scores.bySoftmax),
        spread(scores.unseenF1),
        spread(scores.seenF1),
        spread(scores.harmonic),
      ]),
    ),
  );
  print("\nOnly what the seen emotions' anchors span of the unseen one's");
  print(
    formatTable(
      ['target', 'AUC by similarity', '95 % interval', 'against random', 'p (Holm)', ...classes],
      targets.map(({ target, scores, span: { interval, comparison } }) => [
        target,
        spread(scores.inSpan),
        `${percent(interval.lower)} to ${percent(interval.upper)}`,
        comparison ? `${comparison.difference >= 0 ? '+' : ''}${percent(comparison.difference)}` : '–',
        comparison ? (comparison.pHolm < 0.001 ? '<0.001' : comparison.pHolm.toFixed(3)) : '–',
        ...scores.inSpan.byClass.map(percent),
      ]),
    ),
  );
  print('\nAUC by similarity for each emotion left out');
  print(
    formatTable(
      ['target', ...classes],
      targets.map(({ target, scores }) => [target, ...scores.bySimilarity.byClass.map(percent)]),
    ),
  );
  for (const { target, description } of targets) print(`${target}: ${description}`);
}
