import { type Command, InvalidArgumentError } from 'commander';
import { MODALITIES, type Modality } from '../base/modalities.js';
import { readCorpus, writeCorpus } from '../corpus/files.js';
import { type Corpus, composeCorpus, mergeCorpora } from '../corpus/index.js';
import { corpusDescription } from './describe/corpus.js';
import { printDescription } from './describe/description.js';
import { integerOption } from './options.js';
import { printJson } from './output.js';

export function register(program: Command): void {
  const corpus = program.command('corpus').description('make a corpus of other corpora');
  registerMerge(corpus);
  registerCompose(corpus);
}

function registerMerge(corpus: Command): void {
  corpus
    .command('merge')
    .description('several corpora as one: classes by meaning, modalities where they are, splits kept')
    .argument('<corpora...>', 'corpus directories; class names of the first win')
    .requiredOption('--out <corpus>', 'directory to write')
    .option('--name <name>', 'name of the corpus (default: the names of its parts)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Example:
  $ vega-merc corpus merge corpora/meld corpora/ravdess --out corpora/both

Dialogues become CORPUS/ID. A modality that only one corpus has counts as missing in the others; where several have it,
the same encoder must have made it. Every utterance records where it came from.`,
    )
    .action((paths: string[], { out, name, json }: { out: string; name?: string; json?: boolean }) => {
      const parts = paths.map((path) => readCorpus(path));
      write(out, mergeCorpora(parts, name ?? parts.map((part) => part.name).join(' + ')), json);
    });
}

interface ComposeCommandOptions {
  voices?: string;
  faces?: string;
  out: string;
  name?: string;
  seed: number;
  leaveOut: Partial<Record<Modality, number>>;
  json?: boolean;
}

function registerCompose(corpus: Command): void {
  corpus
    .command('compose')
    .description('give the conversations of a corpus the voices and faces of others that show the same emotion')
    .argument('<conversations>', 'corpus whose words, speakers, order, labels and splits are taken')
    .option('--voices <corpus>', 'corpus whose audio is taken')
    .option('--faces <corpus>', 'corpus whose visual features are taken')
    .requiredOption('--out <corpus>', 'directory to write')
    .option('--name <name>', 'name of the corpus (default: the conversations\', with "composed")')
    .option('--seed <n>', 'another seed draws other voices and faces', integerOption, 1)
    .option(
      '--leave-out <shares>',
      'probability that an utterance is left without a modality, as text=0.1,audio=0.3',
      sharesOption,
      {},
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Example:
  $ vega-merc corpus compose corpora/meld --voices corpora/ravdess --faces corpora/faces --leave-out audio=0.2,visual=0.2 --out corpora/composed

A speaker keeps one voice and, where the faces tell people apart, one face throughout a conversation; train is made of
train alone, and so on. The corpus is called composed wherever a number from it is shown: such scores say that the
program works, nothing about people.`,
    )
    .action((path: string, { voices, faces, out, name, seed, leaveOut, json }: ComposeCommandOptions) => {
      const conversations = readCorpus(path);
      const composed = composeCorpus(conversations, {
        name: name ?? `${conversations.name} composed`,
        seed,
        leaveOut,
        ...(voices !== undefined && { voices: readCorpus(voices) }),
        ...(faces !== undefined && { faces: readCorpus(faces) }),
      });
      write(out, composed, json);
    });
}

function write(out: string, corpus: Corpus, json = false): void {
  writeCorpus(out, corpus);
  const description = corpusDescription(corpus);
  if (json) printJson({ path: out, kind: description.kind, ...description.json });
  else printDescription(out, description);
}

/** Parses "text=0.1,audio=0.3". @throws InvalidArgumentError, which ends in exit code 2 */
function sharesOption(text: string): Partial<Record<Modality, number>> {
  const shares: Partial<Record<Modality, number>> = {};
  for (const entry of text.split(',')) {
    const [name, value, ...rest] = entry.split('=').map((part) => part.trim());
    const modality = MODALITIES.find((m) => m === name);
    const share = Number(value);
    if (modality === undefined || rest.length > 0 || value === '' || !(share >= 0 && share <= 1)) {
      throw new InvalidArgumentError(`It must be MODALITY=SHARE of ${MODALITIES.join(', ')}, shares from 0 to 1.`);
    }
    shares[modality] = share;
  }
  return shares;
}
