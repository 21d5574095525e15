import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { InputError } from '../base/errors.js';
import { diskError } from '../base/files.js';
import { corpusRecogniser } from './describe/corpus.js';
import { printDescription, type Recogniser, type Subject } from './describe/description.js';
import { pickleRecogniser } from './describe/pickle.js';
import { runRecogniser } from './describe/run.js';
import { safetensorsRecogniser, torchRecogniser } from './describe/tensors.js';
import { printJson } from './output.js';

/** Asked in this order; the first that recognises something describes it. */
const RECOGNISERS: Recogniser[] = [
  corpusRecogniser,
  runRecogniser,
  torchRecogniser,
  safetensorsRecogniser,
  pickleRecogniser,
];

export function register(program: Command): void {
  program
    .command('info')
    .description('say what is in a corpus, feature pickle, anchor file, checkpoint or run')
    .argument('<path>', 'file or directory; recognised by its content')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc info corpus
  $ vega-merc info features.pkl
  $ vega-merc info anchors.pt
  $ vega-merc info checkpoint.pth --json
  $ vega-merc info runs/1`,
    )
    .action(async (path: string, options: { json?: boolean }) => {
      const subject = look(path);
      const recogniser = RECOGNISERS.find((one) => one.recognises(subject));
      if (recogniser === undefined) {
        throw new InputError(
          `${path} is nothing that vega-merc knows: no corpus, feature pickle, anchor file, checkpoint or run.`,
        );
      }
      const description = await recogniser.describe(path);
      if (options.json) printJson({ path, kind: description.kind, ...description.json });
      else printDescription(path, description);
    });
}

function look(path: string): Subject {
  try {
    if (statSync(path).isDirectory()) return { path, directory: true, head: new Uint8Array(0) };
    const file = openSync(path, 'r');
    try {
      const head = new Uint8Array(16);
      return { path, directory: false, head: head.subarray(0, readSync(file, head, 0, head.length, 0)) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw diskError(path, error);
  }
}
