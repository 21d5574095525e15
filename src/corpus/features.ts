import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import { MODALITIES } from '../base/modalities.js';
import { fileName, stem } from '../base/text.js';
import { quote } from '../base/words.js';
import { parsePickle } from '../interchange/index.js';
import { createCorpus } from './corpus.js';
import { parseJsonLines } from './format.js';
import { type DialogueSizes, meanOf, readTable, withPresence } from './rows.js';
import { readSpeakers } from './speakers.js';
import { SPLITS } from './splits.js';
import { type ByDialogue, type FeatureTuple, kindOf, listOf, recogniseTuple } from './tuples.js';
import type { Corpus, Dialogue } from './types.js';

/** What to do with the four RoBERTa layers of an SDT file: the first, as SDT's own loader does, or their mean. */
export const TEXT_LAYERS = ['first', 'mean'] as const;
export type TextLayers = (typeof TEXT_LAYERS)[number];

/** A text, and what sentences call it. */
export interface NamedText {
  text: string;
  source: string;
}

export interface ImportOptions {
  /** JSON with dialogue ids of train, valid and test, and maybe class and speaker names; else the file's own ids count. */
  splits?: NamedText;
  /** Class names in label order; the splits file's when left out. */
  classes?: readonly string[];
  /** Name of the corpus; the file's name without its ending when left out. */
  name?: string;
  /** JSONL with the words of each utterance: dialogue, index, text. */
  texts?: NamedText;
  /** What a reader must be told next to a number from this corpus. */
  note?: string;
  /** "first" when left out. */
  textLayers?: TextLayers;
}

const idsSchema = z.array(z.union([z.string(), z.number().int()]).transform(String));

/** A splits file may say more than this; the rest is not looked at. */
const splitsSchema = z.looseObject({
  classes: z.array(z.string()).optional(),
  speakers: z.array(z.string()).optional(),
  train: idsSchema,
  valid: idsSchema.optional(),
  test: idsSchema.optional(),
});

const textLineSchema = z.looseObject({
  dialogue: z.union([z.string(), z.number().int()]).transform(String),
  index: z.int().min(0),
  text: z.string(),
});

/**
 * Makes a corpus from a pickled feature file; see `recogniseTuple` for the layouts it knows. What was decided on the
 * way (a missing modality, absent utterances, …) is in the corpus's `origin`, a sentence each.
 * @param source what error sentences call the bytes, usually a path; the corpus is named by it where nothing else does
 * @throws InputError naming the file, the dialogue and what is wrong
 */
export function parseFeatures(bytes: Uint8Array, source: string, options: ImportOptions = {}): Corpus {
  return build(bytes, source, options, (highest, refuse) => refuse(unnamedClasses(highest)));
}

/** More classes than any set of emotions has: such labels are something else. */
const MOST_CLASSES = 1000;

/** The same without class names, to see what is in a file: classes are called "class 0", "class 1", … */
export function inspectFeatures(bytes: Uint8Array, source: string): Corpus {
  return build(bytes, source, {}, (highest, refuse) => {
    if (highest >= MOST_CLASSES) refuse(`has the label ${highest}, which cannot be the number of a class`);
    return Array.from({ length: Math.max(2, highest + 1) }, (_, i) => `class ${i}`);
  });
}

type Refuse = (why: string) => never;

/** @param nameless names the classes where nothing else does, given the highest label */
function build(
  bytes: Uint8Array,
  path: string,
  options: ImportOptions,
  nameless: (highest: number, refuse: Refuse) => string[],
): Corpus {
  const refuse = (why: string): never => {
    throw new InputError(`${path} ${why}.`);
  };
  const tuple = recogniseTuple(parsePickle(bytes, path), refuse);
  const splits =
    options.splits === undefined ? undefined : parseJson(splitsSchema, options.splits.text, options.splits.source);
  const origin = [`imported from ${fileName(path)}, ${tuple.layout}`];
  const labels = readLabels(tuple.labels, refuse);
  const classes = options.classes ?? splits?.classes ?? nameless(highestLabel(labels), refuse);
  const speakers = readSpeakers(restrict(tuple.speakers, labels), splits?.speakers, refuse);
  const words = readWords(tuple, labels, options.texts, refuse);
  const dialogues: Omit<Dialogue, 'offset'>[] = [...labels].map(([id, own]) => {
    const who = speakers.of.get(id) ?? refuse(`lacks the speakers of dialogue ${quote(id)}`);
    if (who.length !== own.length)
      refuse(`has ${who.length} speakers in dialogue ${quote(id)}, but ${own.length} labels; they must be as many`);
    const said = words.get(id);
    return {
      id,
      utterances: own.map((label, i) => ({
        speaker: who[i],
        label,
        ...(said?.[i] !== undefined && { text: said[i] }),
      })),
    };
  });
  const sizes = new Map([...labels].map(([id, own]) => [id, own.length]));
  return createCorpus(
    {
      name: options.name ?? stem(path),
      note: options.note,
      classes: [...classes],
      speakers: speakers.names,
      dialogues,
      features: readFeatures(tuple, sizes, options.textLayers ?? 'first', origin, refuse),
      splits: chooseSplits(splits, tuple, origin, options.splits?.source),
      origin,
    },
    path,
  );
}

function readFeatures(
  tuple: FeatureTuple,
  sizes: DialogueSizes,
  textLayers: TextLayers,
  origin: string[],
  refuse: Refuse,
): Corpus['features'] {
  const features: Corpus['features'] = {};
  for (const modality of MODALITIES) {
    const sources = modality === 'text' ? tuple.text : [tuple[modality]];
    const chosen = textLayers === 'first' ? sources.slice(0, 1) : sources;
    if (sources.length > 1) {
      const how = textLayers === 'first' ? `the first of ${sources.length}` : `the mean of ${sources.length}`;
      origin.push(`${modality}: ${how} layers in the file`);
    }
    const surplus = [...sources[0].keys()].filter((id) => !sizes.has(id));
    if (surplus.length > 0)
      origin.push(
        `${modality}: dialogues without labels left out (${surplus.length}): ${surplus.slice(0, 9).join(', ')}`,
      );
    const tables = chosen.map((source, i) =>
      readTable(source, sizes, chosen.length > 1 ? `${modality} (layer ${i + 1})` : modality, refuse),
    );
    const odd = tables.find(({ dim }) => dim !== tables[0].dim);
    if (odd !== undefined) refuse(`has ${modality} layers of ${tables[0].dim} and ${odd.dim} numbers a row`);
    const table = withPresence(meanOf(tables));
    if (table === undefined) {
      origin.push(`${modality}: all ${tables[0].dim} columns are zero throughout, so it is recorded as missing`);
      continue;
    }
    const absent = table.presence?.filter((value) => value === 0).length ?? 0;
    if (absent > 0)
      origin.push(`${modality}: all zero in ${absent} of ${table.presence?.length} utterances, recorded as lacking it`);
    features[modality] = table;
  }
  return features;
}

function chooseSplits(
  given: z.infer<typeof splitsSchema> | undefined,
  tuple: FeatureTuple,
  origin: string[],
  path: string | undefined,
): Corpus['splits'] {
  origin.push(given === undefined ? 'splits: the ids in the file' : `splits: ${fileName(path as string)}`);
  if (given === undefined) return { train: tuple.train, test: tuple.test };
  return Object.fromEntries(SPLITS.flatMap((split) => (given[split] === undefined ? [] : [[split, given[split]]])));
}

function readLabels(entries: ByDialogue, refuse: Refuse): Map<string, number[]> {
  return new Map(
    [...entries].map(([id, entry]) => {
      const values = listOf(entry) ?? refuse(`has ${kindOf(entry)} for the labels of dialogue ${quote(id)}`);
      return [
        id,
        values.map((value, i) => {
          const label = typeof value === 'bigint' ? Number(value) : value;
          return typeof label === 'number' && Number.isInteger(label)
            ? label
            : refuse(
                `has ${kindOf(value)} as the label of utterance ${i} of dialogue ${quote(id)}; a class number is needed`,
              );
        }),
      ];
    }),
  );
}

/** Asks for names instead of guessing them: files with as many classes number them differently. */
function unnamedClasses(highest: number): string {
  return (
    `numbers its classes 0 to ${highest} and does not name them. Name them in label order, with --classes A,B,C or as ` +
    '"classes" in a splits file (the public files number MELD neutral,surprise,fear,sadness,joy,disgust,anger and ' +
    'IEMOCAP happy,sad,neutral,anger,excited,frustration)'
  );
}

function highestLabel(labels: ReadonlyMap<string, number[]>): number {
  let highest = 0;
  for (const own of labels.values()) for (const label of own) highest = Math.max(highest, label);
  return highest;
}

function readWords(
  tuple: FeatureTuple,
  labels: ReadonlyMap<string, number[]>,
  texts: NamedText | undefined,
  refuse: Refuse,
): Map<string, (string | undefined)[]> {
  const words = new Map<string, (string | undefined)[]>();
  for (const [id, own] of labels) {
    const sentences = listOf(tuple.sentences?.get(id) ?? []) ?? [];
    if (sentences.length > 0 && sentences.length !== own.length)
      refuse(
        `has ${sentences.length} sentences in dialogue ${quote(id)}, but ${own.length} labels; they must be as many`,
      );
    words.set(
      id,
      own.map((_, i) => (typeof sentences[i] === 'string' ? sentences[i] : undefined)),
    );
  }
  if (texts === undefined) return words;
  for (const { value, where } of parseJsonLines(textLineSchema, texts.text, texts.source)) {
    const said = words.get(value.dialogue);
    if (said === undefined || value.index >= said.length)
      throw new InputError(
        `${where}: the feature file has no utterance ${value.index} of dialogue ${quote(value.dialogue)}.`,
      );
    said[value.index] = value.text;
  }
  return words;
}

function restrict(entries: ByDialogue, labels: ReadonlyMap<string, unknown>): ByDialogue {
  return new Map([...entries].filter(([id]) => labels.has(id)));
}
