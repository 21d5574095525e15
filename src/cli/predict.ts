import { type Command, Option } from 'commander';
import { writeFileAtomic } from '../base/files.js';
import { SPLITS, type SplitName } from '../corpus/index.js';
import type { PredictionLine } from '../prediction/index.js';
import { repeatedOption, threadsOption } from './options.js';
import { count, createProgress, type Progress, print, printJson, say } from './output.js';

interface PredictCommandOptions {
  split?: SplitName;
  out?: string;
  anchors?: string;
  set: string[];
  threads?: number;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('predict')
    .description('predict the emotion of every utterance of a corpus')
    .argument('<run>', 'run directory, or a released checkpoint (.pth, .safetensors)')
    .argument('<corpus>', 'corpus directory; it needs no labels')
    .addOption(new Option('--split <name>', 'only the dialogues of a split (default: all)').choices(SPLITS))
    .option('--out <file.jsonl>', 'write to a file, whole or not at all, instead of stdout')
    .option('--anchors <file>', 'anchors for a checkpoint file that has anchor projections; a run has its own')
    .option('--set <key=value>', 'what a checkpoint file does not tell, as heads=8', repeatedOption, [])
    .option('--threads <n>', "threads of one operator (default: the machine's cores)", threadsOption)
    .option('--json', 'print one JSON document instead of a line an utterance')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc predict runs/1 corpus > predictions.jsonl
  $ vega-merc predict runs/1 corpus --split test --out predictions.jsonl
  $ vega-merc predict released.pth corpus | head

A line an utterance: the class head's choice, the distributions of class head, anchor head and both mixtures, the choice
of each modality's own heads, and the cosine to the anchor of every class.`,
    )
    .action(async (model: string, corpus: string, options: PredictCommandOptions) => {
      const { json, out, ...rest } = options;
      const { predictCorpus } = await import('../prediction/index.js');
      const collected: PredictionLine[] = [];
      let progress: Progress | undefined;
      const told = await predictCorpus({ ...rest, model, corpus }, (predictions, done, dialogues) => {
        // A bar would run through the lines on the same terminal.
        if (json || out !== undefined || !process.stdout.isTTY) {
          progress ??= createProgress('dialogues', dialogues);
          progress.update(done);
        }
        if (json || out !== undefined) collected.push(...predictions);
        else for (const prediction of predictions) print(JSON.stringify(prediction));
      }).finally(() => progress?.stop());
      for (const note of told.notes) say(`Note: ${note}`);
      if (out !== undefined) {
        writeFileAtomic(out, ...collected.map((prediction) => `${JSON.stringify(prediction)}\n`));
        say(`Wrote ${count(collected.length)} predictions to ${out}.`);
      }
      if (json) printJson({ model, ...told, predictions: collected });
    });
}
