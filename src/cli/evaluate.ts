import { type Command, Option } from 'commander';
import { SPLITS, type SplitName } from '../corpus/index.js';
import { repeatedOption, threadsOption } from './options.js';
import { createProgress, type Progress, printJson, say } from './output.js';
import { printEvaluation } from './scores.js';

interface EvaluateCommandOptions {
  split: SplitName;
  anchors?: string;
  set: string[];
  threads?: number;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('evaluate')
    .description('score a run, or a checkpoint file, on a split of a corpus')
    .argument('<run>', 'run directory, or a released checkpoint (.pth, .safetensors)')
    .argument('[corpus]', 'corpus directory (default: the one that the run was trained on)')
    .addOption(new Option('--split <name>', 'the split to score').choices(SPLITS).default('test'))
    .option('--anchors <file>', 'anchors for a checkpoint file that has anchor projections; a run has its own')
    .option('--set <key=value>', 'what a checkpoint file does not tell, as attentionHeads=8', repeatedOption, [])
    .option('--threads <n>', "threads of one operator (default: the machine's cores)", threadsOption)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc evaluate runs/1
  $ vega-merc evaluate runs/1 corpus --split valid
  $ vega-merc evaluate released.pth corpus --json

Scores of a run on its own corpus are also written to evaluation.json in the run directory.`,
    )
    .action(async (model: string, corpus: string | undefined, options: EvaluateCommandOptions) => {
      const { json, ...rest } = options;
      const { evaluateModel } = await import('../evaluation/index.js');
      let progress: Progress | undefined;
      const onProgress = (done: number, dialogues: number) => {
        progress ??= createProgress('dialogues', dialogues);
        progress.update(done);
      };
      const { evaluation, notes } = await evaluateModel({ ...rest, model, corpus, onProgress }).finally(() =>
        progress?.stop(),
      );
      if (json) return printJson({ model, ...evaluation, notes });
      for (const note of notes) say(`Note: ${note}`);
      printEvaluation(evaluation);
    });
}
