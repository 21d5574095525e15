import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../base/errors.js';
import { runExperiment } from '../evaluation/experiment/experiment.js';
import { readSearch, withChosen } from '../evaluation/experiment/search/search.js';
import { readExperimentFile } from '../evaluation/experiment/spec.js';
import { experimentStatus } from '../evaluation/experiment/status.js';
import { type ClusterFlags, goesOn, onCluster } from './cluster.js';
import { experimentBoard } from './experimentBoard.js';
import { printResults, printSearch, printStatus } from './experimentTable.js';
import { integerOption, providerOption, threadsOption } from './options.js';
import { printJson } from './output.js';
import { addClusterOptions } from './slurmOptions.js';

interface Options extends ClusterFlags {
  out?: string;
  jobs?: number;
  status?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command('experiment')
    .description('run corpora × configurations × seeds from a file, with intervals and tests; goes on where it stopped')
    .argument('<file>', 'experiment file (YAML)')
    .option('--out <directory>', "the experiment's directory (default: beside the file, by its name)")
    .option('--jobs <n>', "runs at a time, each in a process of its own (default: the machine's cores)", integerOption)
    .option('--threads <n>', 'threads of each run; another number may round otherwise', threadsOption, 1)
    .addOption(providerOption('cpu, or where a run was begun'))
    .option('--status', 'only say how far the runs are and who is at which, wherever they run');
  addClusterOptions(command)
    .option('--json', 'print one JSON document: results.json, or with --status a list of runs')
    .addHelpText(
      'after',
      `
An experiment file:
  name: anchors
  seeds: [1, 2, 3]
  corpora: { ravdess: corpora/ravdess }            # or { path, labels: {excited: happy}, drop: [frustration], train: {dialogues: 20} }
  defaults: { preset: paper-iemocap, set: { hidden: 256 } }
  reference: none                                  # what the others are compared with
  configurations:
    none: { anchors: none }
    faces: { anchors: faces.anchors.safetensors, drops: [0.1, 0.5, 1] }
    audio-alone: { anchors: none, modalities: [audio] }
    majority: { baseline: majority }

  search: { space: { lr: [3e-4, 1e-3, 3e-3], dropout: [0.1, 0.3, 0.5] }, method: halving, anchors: none }
  budget: 2h                                       # no run is begun after it; call again to go on

search: tries settings on the validation split alone (method: grid, random or halving; ranges {min, max, scale: log} and
"configurations: n" for draws); what it chooses becomes the configuration "chosen", which alone is looked at on test.
protocol: paper-compat keeps the best test epoch, as much of the literature does; every output then says test-selected.
The epoch is otherwise selected on validation, and the test split of a run is scored once; each look at it is a line
of ledger.jsonl. Finished runs are not repeated when the command is called again.

Example:
  $ vega-merc experiment anchors.yaml --jobs 2
  $ vega-merc experiment anchors.yaml --status
  $ vega-merc experiment anchors.yaml --slurm --partition cpu --time 4:00:00 --follow
  $ vega-merc report anchors`,
    )
    .action(async (file: string, options: Options) => {
      const { out, jobs, threads, provider, status, json, tables } = options;
      const spec = readExperimentFile(file);
      const directory = out ?? join(dirname(file), basename(file).replace(/\.ya?ml$/, ''));
      if (status) {
        const searches = spec.search && readSearch(directory);
        const found = experimentStatus(searches ? withChosen(spec, searches) : spec, directory, searches);
        if (!json) searches?.forEach(printSearch);
        return json ? printJson(found.runs) : printStatus(found);
      }
      if (goesOn(options)) {
        if (spec.search) {
          throw new InputError(
            `${file}: a search is carried out by processes of one machine, since each rung hangs on the one before it. Hand ` +
              'the command itself to SLURM as one job, and run what it chose there as an experiment of its own.',
          );
        }
        const whole = resolve(directory);
        return onCluster({ spec, directory: whole, call: ['experiment', resolve(file), '--out', whole] }, options);
      }
      const board = experimentBoard();
      const results = await runExperiment({
        spec,
        directory,
        jobs: jobs ?? availableParallelism(),
        threads,
        provider,
        tables,
        listener: board.listener,
      }).finally(board.stop);
      if (json) printJson(results);
      else printResults(results, directory);
      if (!results.finished) process.exitCode = 1;
    });
}
