import { type Command, Option } from 'commander';
import { importPickle, writeCorpus } from '../corpus/files.js';
import { TEXT_LAYERS, type TextLayers } from '../corpus/index.js';
import { corpusDescription } from './describe/corpus.js';
import { printDescription } from './describe/description.js';
import { listOption } from './options.js';
import { printJson } from './output.js';

interface ImportCommandOptions {
  out: string;
  splits?: string;
  classes?: string[];
  name?: string;
  text?: string;
  note?: string;
  textLayers: TextLayers;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('import')
    .description('make a corpus directory of a feature pickle')
    .argument('<file.pkl>', 'the released 7-tuple, or the 12- or 13-tuple of SDT; nothing in it is executed')
    .requiredOption('--out <corpus>', 'directory to write; a corpus in it is replaced')
    .option('--splits <file.json>', 'dialogue ids of train, valid and test, and "classes" in label order')
    .option('--classes <names>', 'class names in label order, with commas between', listOption)
    .option('--name <name>', "name of the corpus (default: the file's)")
    .option('--text <file.jsonl>', 'the words of the utterances: dialogue, index, text a line')
    .option('--note <sentence>', 'what must be said wherever a number from this corpus is shown')
    .addOption(
      new Option('--text-layers <which>', "of an SDT file's four text layers, the first (as SDT itself) or their mean")
        .choices(TEXT_LAYERS)
        .default('first'),
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ vega-merc import meld.pkl --splits splits.json --out corpora/meld
  $ vega-merc import iemocap.pkl --classes happy,sad,neutral,anger,excited,frustration --out corpora/iemocap

A modality whose columns are all zero is recorded as missing; an utterance whose row is all zero, as lacking it.
Without --splits the train and test ids of the file count, and training sets a validation split aside from train.`,
    )
    .action((path: string, options: ImportCommandOptions) => {
      const { out, json, text, ...rest } = options;
      const corpus = importPickle(path, { ...rest, texts: text });
      writeCorpus(out, corpus);
      const description = corpusDescription(corpus);
      if (json) printJson({ path: out, kind: description.kind, ...description.json });
      else printDescription(out, description);
    });
}
