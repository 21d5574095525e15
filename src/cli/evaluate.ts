import { type Command, Option } from 'commander';
import { InputError } from '../base/errors.js';
import { SPLITS, type SplitName } from '../corpus/index.js';
import { repeatedOption, threadsOption } from './options.js';
import { createProgress, type Progress, printJson, say } from './output.js';
import { printAcross, printEvaluation } from './scores.js';

interface EvaluateCommandOptions {
  split: SplitName;
  anchors?: string;
  faces?: string;
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
    .option(
      '--faces <file>',
      "zero-shot: an anchor file with faces of the corpus's classes, which need not be the run's; <run> may be a folder of seed-N",
    )
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
  $ vega-merc evaluate runs/meld corpora/iemocap --faces iemocap.anchors.safetensors

Scores of a run on its own corpus are also written to evaluation.json in the run directory.`,
    )
    .action(async (model: string, corpus: string | undefined, options: EvaluateCommandOptions) => {
      const { json, faces, ...rest } = options;
      const { evaluateByFaces, evaluateModel } = await import('../evaluation/index.js');
      if (faces !== undefined) {
        const other = rest.anchors !== undefined || rest.set.length > 0;
        if (corpus === undefined || other) {
          throw new InputError('--faces is for a run and a corpus, both named, without --anchors and --set.');
        }
        const results = await evaluateByFaces({ model, corpus, faces, split: rest.split });
        return json ? printJson(results) : printAcross(results);
      }
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
