import { type Command, Option } from 'commander';
import { UsageError } from '../base/errors.js';
import { corpusKind } from '../corpus/index.js';
import type { Provider } from '../graph/providers.js';
import { DEFAULT_PRESET, PRESETS } from '../run/settings.js';
import type { EpochReport, TrainListener } from '../training/index.js';
import { integerOption, providerOption, repeatedOption, threadsOption } from './options.js';
import { count, createProgress, type Progress, percent, plural, print, printJson, say } from './output.js';
import { printEvaluation } from './scores.js';

interface TrainCommandOptions {
  anchors?: string;
  out: string;
  preset?: string;
  set: string[];
  seed?: number;
  select?: 'valid' | 'test';
  resume?: boolean;
  threads?: number;
  provider?: Provider;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('train')
    .description('train VEGA on a corpus and score it on the test split')
    .argument('<corpus>', 'corpus directory')
    .option(
      '--anchors <file>',
      'anchor file (.anchors.safetensors or .pt); "none" for no anchor branch; or a control: "random", "text", "learned"',
    )
    .requiredOption('--out <run>', 'run directory to write: new or empty')
    .option('--preset <name>', `starting point of the settings: ${Object.keys(PRESETS).join(', ')}`)
    .option('--set <key=value>', 'replaces one setting; may be given many times', repeatedOption, [])
    .option('--seed <n>', 'seed of every random number, as --set seed=n', integerOption)
    .addOption(
      new Option('--select <split>', 'the split that selects the epoch and stops early (default: valid)').choices([
        'valid',
        'test',
      ]),
    )
    .option('--resume', 'continue the run in --out where it was interrupted')
    .option('--threads <n>', "threads of one operator (default: the machine's cores)", threadsOption)
    .addOption(providerOption('cpu, or where the resumed run was started'))
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => {
      const presets = Object.entries(PRESETS).map(([name, { description }]) => `  ${name}: ${description}`);
      return `
Presets (default: ${DEFAULT_PRESET}):
${presets.join('\n')}

Examples:
  $ vega-merc train corpus --anchors anchors.pt --out runs/1
  $ vega-merc train corpus --anchors none --out runs/2 --seed 2 --set classWeights=none --set epochs=25
  $ vega-merc train corpus --anchors anchors.pt --out runs/3 --set hidden=128 --set classHead.dropout=0.2
  $ vega-merc train corpus --anchors anchors.pt --out runs/5 --preset paper-iemocap
  $ vega-merc train corpus --anchors anchors.pt --out runs/6 --set context=causal
  $ vega-merc train corpus --anchors anchors.pt --out runs/1 --resume
  $ vega-merc train corpus --anchors random --set anchorDim=512 --out runs/4

--select test selects on the very split that is scored, as much of the literature does; every output of such a run says
test-selected. Controls stand in for faces: random is orthonormal and seeded, text is CLIP's text tower on a prompt a class,
learned are parameters. --set context=causal lets an utterance see what went before it alone, as live use needs; full, the
default, also what follows. --set anchorDraw=dialogue|utterance, exemplars=k and prototypes=k vary the published draw. A corpus without a validation split
gets one made of whole training dialogues, a corpus without any split all three.`;
    })
    .action(async (corpus: string, options: TrainCommandOptions) => {
      const { anchors, out, seed, select, set, json, ...rest } = options;
      if (anchors === undefined) {
        throw new UsageError(
          'Say which anchors to train with: --anchors FILE (a face exemplar file of "vega-merc anchors build"), ' +
            '--anchors none for no anchor branch, or a control: random, text or learned.',
        );
      }
      const { trainAndEvaluate } = await import('../evaluation/index.js');
      const given = [...set, ...(seed === undefined ? [] : [`seed=${seed}`]), ...(select ? [`select=${select}`] : [])];
      const { listener, stop } = tellProgress();
      const trained = await trainAndEvaluate({
        ...rest,
        corpus,
        out,
        anchors: anchors === 'none' ? null : anchors,
        openText: async () => (await import('../encoders/index.js')).openClipText(),
        set: given,
        listener,
      }).finally(stop);
      const { run, progress, reason, fitted, evaluation } = trained;
      if (json) return printJson({ run: out, selection: run.selection, ...progress, reason, ...fitted, evaluation });
      print(
        `${out} (${run.selection}): kept epoch ${progress.bestEpoch} of ${progress.epoch}, weighted F1 ` +
          `${percent(progress.bestScore)} on ${run.training.select}.`,
      );
      for (const word of aboutEnd(progress, reason, run.training)) print(word);
      if (evaluation) printEvaluation(evaluation);
      else print('There is no labelled test split, so there are no test scores.');
    });
}

/** What the kept epoch says of the number of epochs: still rising at the end, or perhaps a lucky early one. */
function aboutEnd(
  { bestEpoch, epoch }: { bestEpoch: number; epoch: number },
  reason: 'epochs' | 'patience',
  { epochs, patience }: { epochs: number; patience: number },
): string[] {
  if (reason === 'epochs' && bestEpoch === epoch) {
    return [`The last epoch was still the best: with more of them the score may rise (--set epochs=${2 * epochs}).`];
  }
  if (reason === 'patience' && bestEpoch <= epochs / 5) {
    return [
      `Training stopped early, since epoch ${bestEpoch} was not surpassed in ${patience} more; where the validation split ` +
        `is small that may be luck (--set patience=${2 * patience}).`,
    ];
  }
  return [];
}

/** Says on stderr what the run is and how far it is: a bar on a terminal, a line an epoch elsewhere. */
function tellProgress(): { listener: TrainListener; stop: () => void } {
  let bar: Progress | undefined;
  let epochs = 0;
  let split = '';
  let latest = '';
  const seconds: number[] = [];
  const listener: TrainListener = {
    onStart(run, data, progress) {
      epochs = run.training.epochs;
      split = run.training.select;
      const { corpus, anchors, madeValidation, madeSplits } = run;
      const kind = corpusKind(corpus);
      say(
        `Training on ${kind} "${corpus.name}": ${plural(data.train.length, 'dialogue')}, features ` +
          `${Object.keys(run.shape.dims).join(' + ')}; ${run.selection}.`,
      );
      if (corpus.note) say(`Note: ${corpus.note}`);
      if (madeValidation) {
        say(
          'The corpus has no validation split; set aside for it from train, and named in config.json: ' +
            `${plural(madeValidation.length, 'dialogue')}.`,
        );
      }
      if (madeSplits) {
        const sizes = Object.entries(madeSplits).map(([split, ids]) => `${split} ${count(ids.length)}`);
        say(
          'The corpus has no splits. They were made of its labelled dialogues, the same for every run on it, and are ' +
            `named in config.json: ${sizes.join(', ')}.`,
        );
        if (madeSplits.test === undefined)
          say('Two dialogues are too few for a test split: there will be no test scores.');
      }
      if (anchors) {
        say(`Anchors: ${anchors.matched.map(({ wanted, anchor }) => `${wanted} = ${anchor}`).join(', ')}.`);
        if (anchors.unused.length > 0) say(`Anchors that no class needs: ${anchors.unused.join(', ')}.`);
      }
      if (progress.epoch > 0) say(`Resumed after epoch ${progress.epoch} (step ${count(progress.step)}).`);
    },
    onStep(epoch, step, steps) {
      if (!process.stderr.isTTY) return;
      bar ??= createProgress('training', epochs * steps);
      bar.update((epoch - 1) * steps + step, latest);
    },
    onEpoch(report) {
      latest = `epoch ${report.epoch}: ${score(report, split)}`;
      seconds.push(report.seconds);
      if (bar !== undefined) return;
      const mean = seconds.reduce((a, b) => a + b, 0) / seconds.length;
      say(
        `epoch ${report.epoch}/${epochs}  loss ${report.losses.total.toFixed(3)}  ${score(report, split)}  ` +
          `${report.seconds.toFixed(1)} s, at most ${duration(mean * (epochs - report.epoch))} left`,
      );
    },
  };
  return { listener, stop: () => bar?.stop() };
}

function score({ epoch, bestEpoch, bestScore, scores }: EpochReport, split: string): string {
  const best = bestEpoch === epoch ? 'best so far' : `best ${percent(bestScore)} at ${bestEpoch}`;
  return `${split} weighted F1 ${percent(scores.weightedF1)} (${best})`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
