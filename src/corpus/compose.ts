import { matchClasses } from '../base/emotions.js';
import { InputError } from '../base/errors.js';
import { MODALITIES, type Modality } from '../base/modalities.js';
import { RANDOM_SITES, type RandomStream, randomStream } from '../base/random.js';
import { createCorpus } from './corpus.js';
import { isPresent, madeBy, type Sources, sourceOf } from './merge.js';
import { SPLITS } from './splits.js';
import type { Corpus, FeatureTable, SplitName, Utterance } from './types.js';

export interface ComposeOptions {
  name: string;
  seed: number;
  /** The modalities that each corpus of others gives. */
  voices?: Corpus;
  faces?: Corpus;
  /** Probability that an utterance is left without a modality that it could have, 0 … 1. */
  leaveOut?: Partial<Record<Modality, number>>;
}

/**
 * Conversations of one corpus (words, speakers, order, labels, splits) with voices and faces of others that show the
 * same emotion: what no real corpus here has, all three modalities at once. Each speaker of a conversation is given one
 * person of the voices and one of the faces for the whole of it; a split takes from the same split of the others alone.
 * Where the other corpus tells nobody apart (one speaker), its rows are drawn from all of them. An utterance whose
 * person never shows its emotion, or that has no label, is left without.
 *
 * Such a corpus is `composed`: scores on it are about the program, not about people.
 * @throws InputError where a split has nobody to give, or the corpora share no class.
 */
export function composeCorpus(conversations: Corpus, options: ComposeOptions): Corpus {
  const { name, seed, leaveOut = {} } = options;
  const donors = [options.voices, options.faces].filter((c) => c !== undefined);
  if (donors.length === 0)
    throw new InputError('Composing needs voices or faces of another corpus; neither was given.');
  const given: Partial<Record<Modality, Corpus>> = { audio: options.voices, visual: options.faces };
  const features: Corpus['features'] = {};
  const from: Sources[] = conversations.dialogues.flatMap((dialogue) =>
    dialogue.utterances.map((utterance, i) => ({ ...(utterance.from ?? sourceOf(conversations, dialogue, i)) })),
  );
  const splitOf = new Map(
    SPLITS.flatMap((split) => (conversations.splits[split] ?? []).map((id) => [id, split] as const)),
  );
  MODALITIES.forEach((modality, m) => {
    const donor = given[modality];
    const own = conversations.features[modality];
    if (donor === undefined) {
      if (own !== undefined) features[modality] = { ...own, presence: presenceOf(own, conversations.utterances) };
      return;
    }
    const stream = randomStream(seed, m, RANDOM_SITES.compose);
    const taken = take(conversations, donor, modality, splitOf, stream);
    features[modality] = taken.table;
    taken.from.forEach((source, row) => {
      if (source === undefined) delete from[row][modality];
      else from[row][modality] = source;
    });
  });
  leaveSomeOut(
    features,
    from,
    leaveOut,
    conversations.utterances,
    randomStream(seed, MODALITIES.length, RANDOM_SITES.compose),
  );
  let row = 0;
  return createCorpus(
    {
      name,
      classes: conversations.classes,
      speakers: conversations.speakers,
      dialogues: conversations.dialogues.map(({ id, utterances }) => ({
        id,
        utterances: utterances.map(({ media: _m, start: _s, end: _e, ...u }) => ({ ...u, from: from[row++] })),
      })),
      features: Object.fromEntries(
        Object.entries(features).map(([m, table]) => [
          m,
          table.presence?.includes(0) ? table : { ...table, presence: undefined },
        ]),
      ),
      splits: conversations.splits,
      composed: true,
      ...([conversations, ...donors].some((c) => c.synthetic) && { synthetic: true }),
      note: 'Composed: words, voices and faces come from different people; scores say that the program works, not how people are understood.',
      origin: [
        `composed with seed ${seed}: conversations of "${conversations.name}" (${conversations.hash.slice(0, 12)})` +
          donors
            .map((c) => `, ${c === options.voices ? 'voices' : 'faces'} of "${c.name}" (${c.hash.slice(0, 12)})`)
            .join(''),
        `left out with probability: ${MODALITIES.map((m) => `${m} ${leaveOut[m] ?? 0}`).join(', ')}`,
        ...[conversations, ...donors].flatMap((c) => [
          ...(c.note === undefined ? [] : [`${c.name}: ${c.note}`]),
          ...(c.origin ?? []).map((sentence) => `${c.name}: ${sentence}`),
        ]),
      ],
    },
    `The composed corpus "${name}"`,
  );
}

interface Taken {
  table: FeatureTable;
  /** [utterances] where each row was taken from. */
  from: (string | undefined)[];
}

/** Rows of a donor for every utterance of the conversations. */
function take(
  conversations: Corpus,
  donor: Corpus,
  modality: Modality,
  splitOf: ReadonlyMap<string, SplitName>,
  stream: RandomStream,
): Taken {
  const table = donor.features[modality];
  if (table === undefined) throw new InputError(`Corpus "${donor.name}" has no ${modality} features to give.`);
  const { indices } = matchClasses(donor.classes, conversations.classes);
  if (indices.every((i) => i < 0)) {
    throw new InputError(`Corpus "${donor.name}" shares no class with "${conversations.name}".`);
  }
  const rows = new Float32Array(conversations.utterances * table.dim);
  const presence = new Uint8Array(conversations.utterances);
  const from: (string | undefined)[] = Array.from({ length: conversations.utterances });
  const people = new Map(SPLITS.map((split) => [split, peopleOf(donor, table, split, indices, stream)]));
  for (const { id, offset, utterances } of conversations.dialogues) {
    const split = splitOf.get(id);
    if (split === undefined) continue;
    const available = people.get(split) as Person[];
    if (available.length === 0) {
      throw new InputError(
        `Corpus "${donor.name}" has nobody with ${modality} in its ${split} split, which "${conversations.name}" has.`,
      );
    }
    const cast = castOf(utterances, available, stream);
    utterances.forEach(({ speaker, label }, i) => {
      const source = label < 0 ? undefined : cast.get(speaker)?.next(label);
      if (source === undefined) return;
      rows.set(table.rows.subarray(source.row * table.dim, (source.row + 1) * table.dim), (offset + i) * table.dim);
      presence[offset + i] = 1;
      from[offset + i] = source.name;
    });
  }
  return { table: { dim: table.dim, rows, presence, ...madeBy(table) }, from };
}

interface Source {
  row: number;
  name: string;
}

/** Somebody who shows emotions: the next row of a class, each once before any comes again. */
interface Person {
  next(label: number): Source | undefined;
}

function peopleOf(
  donor: Corpus,
  table: FeatureTable,
  split: SplitName,
  labels: readonly number[],
  stream: RandomStream,
): Person[] {
  const ids = new Set(donor.splits[split] ?? []);
  const byPerson = new Map<number, Map<number, Source[]>>();
  for (const { id, offset, utterances } of donor.dialogues) {
    if (!ids.has(id)) continue;
    utterances.forEach(({ speaker, label }, i) => {
      const meant = label < 0 ? -1 : labels[label];
      if (meant < 0 || !isPresent(table, offset + i)) return;
      const person = byPerson.get(speaker) ?? new Map<number, Source[]>();
      byPerson.set(speaker, person);
      const shown = person.get(meant) ?? [];
      person.set(meant, shown);
      shown.push({ row: offset + i, name: `${donor.name}/${id}/${i}` });
    });
  }
  return [...byPerson.values()].map((sources) => {
    const decks = new Map([...sources].map(([label, all]) => [label, { cards: stream.shuffle([...all]), at: 0 }]));
    return {
      next(label) {
        const deck = decks.get(label);
        if (deck === undefined) return undefined;
        if (deck.at === deck.cards.length) {
          stream.shuffle(deck.cards);
          deck.at = 0;
        }
        return deck.cards[deck.at++];
      },
    };
  });
}

/** One person a speaker, different ones as long as there are enough. */
function castOf(
  utterances: readonly Utterance[],
  people: readonly Person[],
  stream: RandomStream,
): Map<number, Person> {
  const order = stream.shuffle([...people]);
  const speakers = [...new Set(utterances.map(({ speaker }) => speaker))];
  return new Map(speakers.map((speaker, i) => [speaker, order[i % order.length]]));
}

function presenceOf({ presence }: FeatureTable, utterances: number): Uint8Array {
  return presence === undefined ? new Uint8Array(utterances).fill(1) : presence.slice();
}

/** Clears modalities by chance; an utterance that would lose all it has keeps one of them, drawn too. */
function leaveSomeOut(
  features: Corpus['features'],
  from: readonly Sources[],
  probabilities: Partial<Record<Modality, number>>,
  utterances: number,
  stream: RandomStream,
): void {
  for (let row = 0; row < utterances; row++) {
    const there = MODALITIES.filter((m) => isPresent(features[m], row));
    const out = there.filter((m) => stream.uniform() < (probabilities[m] ?? 0));
    if (out.length > 0 && out.length === there.length) out.splice(stream.integer(out.length), 1);
    for (const modality of out) {
      const { rows, dim, presence } = features[modality] as FeatureTable;
      rows.fill(0, row * dim, (row + 1) * dim);
      (presence as Uint8Array)[row] = 0;
      delete from[row][modality];
    }
  }
}
