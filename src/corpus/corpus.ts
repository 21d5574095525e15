import { InputError } from '../base/errors.js';
import { MODALITIES, type Modality } from '../base/modalities.js';
import { quote } from '../base/words.js';
import { hashCorpus } from './hash.js';
import { checkSplits, SPLITS } from './splits.js';
import type { Corpus, Dialogue, FeatureTable, SplitName } from './types.js';

/** What a corpus is made of, before offsets and hash are known. */
export type CorpusParts = Omit<Corpus, 'dialogues' | 'utterances' | 'hash'> & {
  dialogues: Omit<Dialogue, 'offset'>[];
};

/**
 * The one way to make a corpus: counts its rows, checks everything that later rooms rely on, and hashes it.
 * @param source what error sentences call the corpus, usually a path
 * @throws InputError naming the dialogue and field that is wrong
 */
export function createCorpus(parts: CorpusParts, source: string): Corpus {
  const refuse = (why: string): never => {
    throw new InputError(`${source}: ${why}.`);
  };
  checkNames(parts.classes, 'class', 2, refuse);
  checkNames(parts.speakers, 'speaker', 1, refuse);
  let utterances = 0;
  const dialogues = parts.dialogues.map((dialogue) => {
    const placed = { ...dialogue, offset: utterances };
    utterances += dialogue.utterances.length;
    return placed;
  });
  checkDialogues(dialogues, parts, refuse);
  if (MODALITIES.every((modality) => parts.features[modality] === undefined))
    refuse('it has features of no modality; at least one of text, audio and visual is needed');
  const where = (row: number) => locate(dialogues, row);
  const features: Corpus['features'] = {};
  for (const modality of MODALITIES) {
    const table = parts.features[modality];
    if (table === undefined) continue;
    checkTable(modality, table, utterances, where, refuse);
    features[modality] = table;
  }
  checkSplits(parts.splits, dialogues, refuse);
  const splits: Corpus['splits'] = {};
  for (const split of SPLITS) if (parts.splits[split] !== undefined) splits[split] = parts.splits[split];
  const corpus = { ...parts, features, splits, dialogues, utterances };
  return { ...corpus, hash: hashCorpus(corpus).corpus };
}

/** Indices of a split's dialogues, in the split's order; none when the corpus lacks the split. */
export function splitDialogues(corpus: Pick<Corpus, 'dialogues' | 'splits'>, split: SplitName): number[] {
  const index = new Map(corpus.dialogues.map((dialogue, i) => [dialogue.id, i]));
  return (corpus.splits[split] ?? []).map((id) => index.get(id) as number);
}

/** Number of utterances of some dialogues. */
export function countUtterances(corpus: Pick<Corpus, 'dialogues'>, dialogueIndices: readonly number[]): number {
  return dialogueIndices.reduce((sum, i) => sum + corpus.dialogues[i].utterances.length, 0);
}

/** How many utterances of some dialogues carry each label [classes]; unlabelled ones are not counted. */
export function countLabels(
  corpus: Pick<Corpus, 'classes' | 'dialogues'>,
  dialogueIndices: readonly number[],
): number[] {
  const counts = corpus.classes.map(() => 0);
  for (const i of dialogueIndices)
    for (const { label } of corpus.dialogues[i].utterances) if (label >= 0) counts[label]++;
  return counts;
}

type Refuse = (why: string) => never;

function checkNames(names: readonly string[], what: string, least: number, refuse: Refuse): void {
  if (names.length < least) refuse(`it has ${names.length} ${what} names; at least ${least} are needed`);
  const empty = names.findIndex((name) => name.trim() === '');
  if (empty >= 0) refuse(`the name of ${what} ${empty} is empty`);
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) refuse(`the ${what} name ${quote(name)} occurs twice`);
    seen.add(name);
  }
}

function checkDialogues(dialogues: readonly Dialogue[], parts: CorpusParts, refuse: Refuse): void {
  if (dialogues.length === 0) refuse('it has no dialogue');
  const ids = new Set<string>();
  for (const { id, utterances } of dialogues) {
    if (ids.has(id)) refuse(`dialogue ${quote(id)} occurs twice`);
    ids.add(id);
    if (utterances.length === 0) refuse(`dialogue ${quote(id)} has no utterance`);
    utterances.forEach(({ label, speaker }, i) => {
      if (!Number.isInteger(label) || label < -1 || label >= parts.classes.length)
        refuse(
          `utterance ${i} of dialogue ${quote(id)} has the label ${label}, but the ${parts.classes.length} classes are ` +
            `numbered 0 to ${parts.classes.length - 1} (-1 = unlabelled)`,
        );
      if (!Number.isInteger(speaker) || speaker < 0 || speaker >= parts.speakers.length)
        refuse(
          `utterance ${i} of dialogue ${quote(id)} has the speaker ${speaker}, but the ${parts.speakers.length} speakers ` +
            `are numbered 0 to ${parts.speakers.length - 1}`,
        );
    });
  }
}

function checkTable(
  modality: Modality,
  { dim, rows, presence }: FeatureTable,
  utterances: number,
  where: (row: number) => string,
  refuse: Refuse,
): void {
  if (!Number.isInteger(dim) || dim < 1) refuse(`the ${modality} features have the dimension ${dim}`);
  if (rows.length !== utterances * dim)
    refuse(`${modality} has ${rows.length / dim} rows of ${dim} features, but there are ${utterances} utterances`);
  for (let i = 0; i < rows.length; i++) {
    if (!Number.isFinite(rows[i]))
      refuse(`${modality} feature ${i % dim} of ${where(Math.floor(i / dim))} is ${rows[i]}, not a finite number`);
  }
  if (presence === undefined) return;
  if (presence.length !== utterances)
    refuse(`${modality}_presence has ${presence.length} entries, but there are ${utterances} utterances`);
  const odd = presence.findIndex((value) => value > 1);
  if (odd >= 0) refuse(`${modality}_presence of ${where(odd)} is ${presence[odd]}, neither 0 nor 1`);
}

function locate(dialogues: readonly Dialogue[], row: number): string {
  const dialogue = dialogues.find(({ offset, utterances }) => row < offset + utterances.length) as Dialogue;
  return `utterance ${row - dialogue.offset} of dialogue ${quote(dialogue.id)}`;
}
