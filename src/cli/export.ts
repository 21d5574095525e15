import type { Command } from 'commander';
import { UsageError } from '../base/errors.js';
import { refuseExisting } from '../base/files.js';
import { threadsOption } from './options.js';
import { formatTable, print, printJson, say } from './output.js';

interface ExportCommandOptions {
  onnx?: string;
  float16?: boolean;
  int8?: boolean;
  torch?: string;
  corpus?: string;
  threads?: number;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('export')
    .description('write the model of a run for other programs: ONNX, PyTorch')
    .argument('<run>', 'run directory')
    .option('--onnx <directory>', 'a new directory for model.onnx, model.json and a README of its inputs and outputs')
    .option('--float16', 'also model.float16.onnx, half as large; its score on validation is measured')
    .option('--int8', 'also model.int8.onnx, a quarter as large; its score on validation is measured')
    .option('--corpus <directory>', 'where validation is measured (default: the corpus that the run was trained on)')
    .option('--torch <file>', 'a new .pth file of the parameters, by the names of released checkpoints')
    .option('--threads <n>', "threads of one operator while measuring (default: the machine's cores)", threadsOption)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc export runs/1 --onnx exported
  $ vega-merc export runs/1 --onnx exported --float16 --int8
  $ vega-merc export runs/1 --torch model.pth

The ONNX model takes one conversation of any length, as raw rows of the run's encoders. Nothing is overwritten.`,
    )
    .action(async (run: string, options: ExportCommandOptions) => {
      const { onnx, float16, int8, torch, corpus, threads, json } = options;
      if (onnx === undefined && torch === undefined)
        throw new UsageError('Say what to write: --onnx DIRECTORY, --torch FILE or both.');
      if (onnx === undefined && (float16 || int8 || corpus !== undefined))
        throw new UsageError('--float16, --int8 and --corpus are of an ONNX model: give --onnx DIRECTORY too.');
      if (torch !== undefined) refuseExisting(torch);
      const { exportOnnx, exportTorch } = await import('../prediction/node/index.js');
      const precisions = [...(float16 ? ['float16' as const] : []), ...(int8 ? ['int8' as const] : [])];
      const card =
        onnx === undefined
          ? undefined
          : await exportOnnx(run, onnx, { precisions, corpus, threads, onFile: (name) => say(`Making ${name}.`) });
      if (torch !== undefined) exportTorch(run, torch);
      if (json) {
        return printJson({
          run,
          ...(card && { onnx, files: card.files, measured: card.measured }),
          ...(torch !== undefined && { torch }),
        });
      }
      if (card !== undefined) {
        if (!card.run.finished) say('Note: training has not ended: the best epoch so far is exported.');
        const first = card.files[0].weightedF1;
        const rows = card.files.map(({ name, bytes, weightedF1 }) => [
          name,
          (bytes / 1e6).toFixed(1),
          ...(weightedF1 === undefined || first === undefined
            ? []
            : [(100 * weightedF1).toFixed(2), (100 * (weightedF1 - first)).toFixed(2)]),
        ]);
        print(formatTable(['file', 'MB', ...(card.measured ? ['weighted F1, valid', 'change'] : [])], rows));
        print(`Wrote ${onnx}; its README.md says what goes in and what comes out.`);
      }
      if (torch !== undefined) print(`Wrote ${torch}, which torch.load reads.`);
    });
}
