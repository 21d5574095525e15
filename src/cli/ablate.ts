import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { readAnchors } from '../anchors/files.js';
import { InputError } from '../base/errors.js';
import { readCorpus } from '../corpus/files.js';
import { ablationExperiment } from '../evaluation/experiment/ablations.js';
import { runExperiment } from '../evaluation/experiment/experiment.js';
import { isAnchorWord } from '../evaluation/experiment/spec.js';
import { DEFAULT_PRESET } from '../run/index.js';
import { type ClusterFlags, goesOn, onCluster } from './cluster.js';
import { experimentBoard } from './experimentBoard.js';
import { printResults } from './experimentTable.js';
import { integerOption, listOption, providerOption, repeatedOption, threadsOption } from './options.js';
import { printJson, say } from './output.js';
import { addClusterOptions } from './slurmOptions.js';

interface Options extends ClusterFlags {
  anchors: string;
  out: string;
  preset: string;
  set: string[];
  seeds: number[];
  jobs?: number;
}

export function register(program: Command): void {
  const command = program
    .command('ablate')
    .description("the ablations of the method on a corpus: the paper's rows, modalities, context, targets, baselines")
    .argument('<corpus>', 'corpus directory')
    .requiredOption('--anchors <file>', 'anchor file of the reference row')
    .requiredOption('--out <directory>', "the experiment's directory; goes on where it stopped")
    .option('--preset <name>', 'starting point of the settings', DEFAULT_PRESET)
    .option('--set <key=value>', 'replaces one setting of every row; may be given many times', repeatedOption, [])
    .option('--seeds <list>', 'seeds with commas between', seedsOption, [1, 2, 3, 4, 5])
    .option('--jobs <n>', "runs at a time (default: the machine's cores)", integerOption)
    .option('--threads <n>', 'threads of each run', threadsOption, 1)
    .addOption(providerOption('cpu, or where a run was begun'));
  addClusterOptions(command)
    .option('--json', 'print one JSON document: results.json')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc ablate corpus --anchors faces.anchors.safetensors --out ablation
  $ vega-merc ablate corpus --anchors faces.anchors.safetensors --out quick --set hidden=128 --seeds 1,2
  $ vega-merc ablate corpus --anchors faces.anchors.safetensors --out ablation --slurm --time 1:00:00 --follow
  $ vega-merc report ablation`,
    )
    .action(async (path: string, options: Options) => {
      const { anchors, out, jobs, threads, provider, json, set, preset, seeds } = options;
      const corpus = readCorpus(path);
      const missing = await textAnchorsMissing();
      if (missing) say(`The row "text-anchors" is left out. ${missing}`);
      const spec = ablationExperiment({
        preset,
        seeds,
        name: basename(resolve(out)),
        set: Object.fromEntries(set.map(assignment)),
        corpus,
        path,
        anchors,
        anchorDim: isAnchorWord(anchors) ? 512 : readAnchors(anchors).dim,
        textAnchors: missing === undefined,
      });
      const notes = missing
        ? ['The row "text-anchors" (targets from CLIP\'s text tower) is left out: the tower is not on this machine.']
        : [];
      if (goesOn(options)) {
        const [file, directory] = [isAnchorWord(anchors) ? anchors : resolve(anchors), resolve(out)];
        const call = ['ablate', resolve(path), '--anchors', file, '--out', directory, '--preset', preset];
        const settings = set.flatMap((one) => ['--set', one]);
        return onCluster({ spec, directory, call: [...call, ...settings, '--seeds', seeds.join(',')], notes }, options);
      }
      const board = experimentBoard();
      const results = await runExperiment({
        spec,
        directory: out,
        tables: options.tables,
        jobs: jobs ?? availableParallelism(),
        threads,
        provider,
        notes,
        listener: board.listener,
      }).finally(board.stop);
      if (json) printJson(results);
      else printResults(results, out);
      if (!results.finished) process.exitCode = 1;
    });
}

/** Why CLIP's text tower cannot be had; undefined where it can. */
async function textAnchorsMissing(): Promise<string | undefined> {
  const { openClipText } = await import('../encoders/index.js');
  try {
    await (await openClipText()).dispose();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** Parses `key=value`. @throws InputError */
export function assignment(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InputError(`--set ${text} is not of the form key=value, as in --set hidden=256.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Parses seeds with commas between. @throws InvalidArgumentError, which ends in exit code 2 */
export function seedsOption(text: string): number[] {
  return listOption(text).map((seed) => {
    if (!/^\d+$/.test(seed)) throw new InvalidArgumentError('Seeds are whole numbers from 0 with commas between.');
    return Number(seed);
  });
}
