import { matchClasses } from '../base/emotions.js';
import { InputError } from '../base/errors.js';
import { MODALITIES, type Modality } from '../base/modalities.js';
import { createCorpus } from './corpus.js';
import { SPLITS } from './splits.js';
import type { Corpus, Dialogue, FeatureTable, Utterance } from './types.js';

/** Where the modalities of an utterance were taken from. */
export type Sources = NonNullable<Utterance['from']>;

/**
 * Several corpora as one. Classes meet by meaning (the first corpus's names win; classes that only a later one has are
 * added); a modality that only some have counts as missing in the others; dialogues become "CORPUS/ID" and keep their
 * splits; people of different corpora stay different people; every utterance says where it came from.
 * @param name of the result.
 * @throws InputError where two corpora have one name, or features of one modality were made by different encoders.
 */
export function mergeCorpora(corpora: readonly Corpus[], name: string): Corpus {
  if (corpora.length < 2) throw new InputError(`Merging needs at least two corpora; ${corpora.length} was given.`);
  const names = corpora.map((corpus) => corpus.name);
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  if (twice !== undefined) {
    throw new InputError(
      `Two of the corpora are called "${twice}", so that their dialogues could not be told apart. ` +
        'Give one of them another "name" in its corpus.json.',
    );
  }
  const classes = mergedClasses(corpora);
  const speakers: string[] = [];
  const dialogues = corpora.flatMap((corpus, k) => {
    const labels = matchClasses(corpus.classes, classes).indices;
    const others = new Set(corpora.flatMap((other, o) => (o === k ? [] : other.speakers)));
    const first = speakers.length;
    speakers.push(...corpus.speakers.map((one) => (others.has(one) ? `${corpus.name}: ${one}` : one)));
    return corpus.dialogues.map((dialogue) => ({
      id: `${corpus.name}/${dialogue.id}`,
      utterances: dialogue.utterances.map((utterance, i): Utterance => {
        const { media: _, ...rest } = utterance;
        return {
          ...rest,
          speaker: first + utterance.speaker,
          label: utterance.label < 0 ? -1 : labels[utterance.label],
          from: utterance.from ?? sourceOf(corpus, dialogue, i),
        };
      }),
    }));
  });
  const features: Corpus['features'] = {};
  for (const modality of MODALITIES) {
    const table = mergedTable(corpora, modality);
    if (table !== undefined) features[modality] = table;
  }
  const splits: Corpus['splits'] = {};
  for (const split of SPLITS) {
    const ids = corpora.flatMap((c) => (c.splits[split] ?? []).map((id) => `${c.name}/${id}`));
    if (ids.length > 0) splits[split] = ids;
  }
  return createCorpus(
    {
      name,
      classes,
      speakers,
      dialogues,
      features,
      splits,
      ...(corpora.some((c) => c.synthetic) && { synthetic: true }),
      ...(corpora.some((c) => c.composed) && { composed: true }),
      ...joinedNotes(corpora),
      origin: [
        `merged from ${corpora.map((c) => `"${c.name}" (${c.dialogues.length} dialogues, ${c.hash.slice(0, 12)})`).join(', ')}`,
        ...corpora.flatMap((c) => (c.origin ?? []).map((sentence) => `${c.name}: ${sentence}`)),
      ],
    },
    `The merged corpus "${name}"`,
  );
}

/** Where the modalities of an utterance lie that no other corpus gave. */
export function sourceOf({ name, features }: Corpus, { id, offset }: Dialogue, index: number): Sources {
  const there = MODALITIES.filter((m) => isPresent(features[m], offset + index));
  return Object.fromEntries(there.map((m) => [m, `${name}/${id}/${index}`]));
}

/** Has the utterance of this row the modality of this table? */
export function isPresent(table: FeatureTable | undefined, row: number): boolean {
  return table !== undefined && table.presence?.[row] !== 0;
}

/** @throws InputError where an encoder or a dimension differs. */
function checkSameFeatures(modality: Modality, a: Corpus, b: Corpus): void {
  const [mine, other] = [a.features[modality], b.features[modality]];
  if (mine === undefined || other === undefined) return;
  if (mine.dim === other.dim && (mine.encoder ?? other.encoder) === (other.encoder ?? mine.encoder)) return;
  const say = (c: Corpus, { dim, encoder }: FeatureTable) =>
    `"${c.name}" has ${dim} numbers by ${encoder ?? 'an encoder it does not name'}`;
  throw new InputError(
    `The ${modality} features were not made alike: ${say(a, mine)}, ${say(b, other)}. Extract both with the same encoder and version.`,
  );
}

function mergedClasses(corpora: readonly Corpus[]): string[] {
  const classes = [...corpora[0].classes];
  for (const corpus of corpora.slice(1)) classes.push(...matchClasses(corpus.classes, classes).missing);
  return classes;
}

function mergedTable(corpora: readonly Corpus[], modality: Modality): FeatureTable | undefined {
  const having = corpora.filter((c) => c.features[modality] !== undefined);
  if (having.length === 0) return undefined;
  for (const other of having.slice(1)) checkSameFeatures(modality, having[0], other);
  const { dim } = having[0].features[modality] as FeatureTable;
  const utterances = corpora.reduce((sum, c) => sum + c.utterances, 0);
  const rows = new Float32Array(utterances * dim);
  const presence = new Uint8Array(utterances);
  let at = 0;
  for (const corpus of corpora) {
    const table = corpus.features[modality];
    if (table !== undefined) {
      rows.set(table.rows, at * dim);
      if (table.presence === undefined) presence.fill(1, at, at + corpus.utterances);
      else presence.set(table.presence, at);
    }
    at += corpus.utterances;
  }
  const named = having.find((c) => c.features[modality]?.encoder !== undefined)?.features[modality];
  return { dim, rows, ...(presence.includes(0) && { presence }), ...madeBy(named) };
}

/** What made a table's rows, for a table of the same kind. */
export function madeBy({ encoder, parts }: Pick<FeatureTable, 'encoder' | 'parts'> = {}): Partial<FeatureTable> {
  return { ...(encoder !== undefined && { encoder }), ...(parts !== undefined && { parts }) };
}

function joinedNotes(corpora: readonly Corpus[]): { note?: string } {
  const notes = [...new Set(corpora.flatMap(({ name, note }) => (note === undefined ? [] : `${name}: ${note}`)))];
  return notes.length === 0 ? {} : { note: notes.join(' ') };
}
