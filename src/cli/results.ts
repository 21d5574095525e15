import type { Command } from 'commander';
import { writeFileAtomic } from '../base/files.js';
import { collectResults, readReference, resultsMarkdown } from '../evaluation/results.js';
import { print, printJson } from './output.js';

interface Options {
  out?: string;
  reference?: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('results')
    .description('one table of all scored runs in a directory: runs that differ in their seed alone stand together')
    .argument('<directory>', 'a directory of run directories')
    .option('--out <file>', 'write Markdown to a file instead of printing it')
    .option('--reference <file>', "another program's scores, to stand beside")
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  $ vega-merc results runs --out docs/results.md')
    .action((directory: string, options: Options) => {
      const groups = collectResults(directory);
      if (options.json) {
        printJson(groups);
        return;
      }
      const command = `vega-merc results${options.reference ? ' --reference bench/pytorch-reference.json' : ''} RUNS`;
      const reference = options.reference === undefined ? undefined : readReference(options.reference);
      const text = resultsMarkdown(groups, command, reference);
      if (options.out === undefined) print(text);
      else writeFileAtomic(options.out, text);
    });
}
