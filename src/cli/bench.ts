import { type Command, InvalidArgumentError } from 'commander';
import { bench } from '../evaluation/bench.js';
import type { Provider } from '../graph/providers.js';
import { providerOption, threadsOption } from './options.js';
import { print } from './output.js';

interface Options {
  threads: number;
  rounds: number;
  provider?: Provider;
}

export function register(program: Command): void {
  program
    .command('bench')
    .description('time training and prediction over a file of batches (random features); prints one JSON line')
    .argument('<file>', 'workload: batches of dialogue lengths, dimensions and hyper-parameters')
    .option('--threads <n>', 'threads of one operator', threadsOption, 2)
    .option('--rounds <n>', 'timed rounds; the median counts', positive, 3)
    .addOption(providerOption())
    .option('--json', 'what it prints anyway')
    .addHelpText('after', '\nExample:\n  $ vega-merc bench ../shared/peer/batches_iemocap.json')
    .action(async (file: string, options: Options) => {
      print(JSON.stringify(await bench(file, options)));
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
