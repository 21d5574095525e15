import { relative } from 'node:path';
import { InputError } from '../../base/errors.js';
import { MODALITIES, type Modality } from '../../base/modalities.js';
import { suggestion } from '../../base/names.js';
import {
  type Corpus,
  createCorpus,
  type Dialogue,
  type EncoderPart,
  encoderName,
  type FeatureTable,
  type Utterance,
} from '../../corpus/index.js';
import type { Source, SourceUtterance } from '../sources/source.js';
import { classesOf } from './classes.js';
import type { Outcome } from './encode.js';

/** More names than the largest group of speakers in one dialogue of the field's corpora are many conversations' own. */
const MOST_NAMES = 9;

/** What the corpus is to say of itself. */
export interface CorpusWords {
  name?: string;
  classes?: readonly string[];
  note?: string;
  synthetic?: boolean;
  /** Keeps all speakers' names, however many: they are the same people in every dialogue. */
  keepSpeakers?: boolean;
}

/**
 * Makes a corpus of utterances and what their encoders gave.
 * @param outcomes by modality, an entry an utterance; undefined where the utterance has nothing of that modality.
 * @param out the corpus directory, to which media paths are relative.
 * @throws InputError where labels and classes do not fit, or nothing could be encoded.
 */
export function assembleCorpus(
  source: Source,
  outcomes: ReadonlyMap<Modality, readonly (Outcome | undefined)[]>,
  parts: ReadonlyMap<Modality, readonly EncoderPart[]>,
  words: CorpusWords,
  out: string,
): Corpus {
  const classes = words.classes === undefined ? classesOf(source) : [...words.classes];
  const speakers = speakersOf(source.utterances, words.keepSpeakers);
  const dialogues: { id: string; utterances: Utterance[] }[] = [];
  source.utterances.forEach((utterance, row) => {
    if (dialogues.at(-1)?.id !== utterance.dialogue) dialogues.push({ id: utterance.dialogue, utterances: [] });
    const { utterances } = dialogues[dialogues.length - 1];
    const where = `Utterance ${utterances.length} of dialogue "${utterance.dialogue}"`;
    const clip = utterance.pictures ?? utterance.sound;
    utterances.push({
      speaker: speakers.indices[row],
      label: labelOf(utterance, classes, where),
      text: utterance.text,
      estimated: utterance.estimated && [...utterance.estimated],
      media: clip && relative(out, clip.media),
      start: clip?.start,
      end: clip?.end,
    });
  });
  const features: Corpus['features'] = {};
  const decoders = new Set([...parts.values()].flat().flatMap(({ decoder }) => decoder ?? []));
  const origin = [
    ...source.origin,
    ...speakers.origin,
    ...[...decoders].map((name) => `recordings decoded by ${name}`),
  ];
  for (const modality of MODALITIES) {
    const rows = outcomes.get(modality);
    const table = rows && tableOf(rows, parts.get(modality) ?? []);
    if (table !== undefined) features[modality] = table;
    else if (rows !== undefined) origin.push(`no utterance has ${modality}`);
  }
  if (Object.keys(features).length === 0) {
    throw new InputError(
      `Nothing could be encoded: no utterance has text, a voice or a face that the chosen encoders read.${firstFailure(source, outcomes)}`,
    );
  }
  return createCorpus(
    {
      name: words.name ?? source.name,
      classes,
      speakers: speakers.names,
      dialogues: dialogues satisfies Omit<Dialogue, 'offset'>[],
      features,
      splits: source.splits,
      origin,
      note: words.note,
      synthetic: words.synthetic,
    },
    out,
  );
}

function firstFailure(
  { utterances }: Source,
  outcomes: ReadonlyMap<Modality, readonly (Outcome | undefined)[]>,
): string {
  for (const [modality, rows] of outcomes) {
    const row = rows.findIndex((outcome) => outcome?.state === 'failed');
    const outcome = rows[row];
    const clip = modality === 'audio' ? utterances[row]?.sound : utterances[row]?.pictures;
    if (outcome?.state === 'failed') return ` ${clip?.media ?? 'It'} ${outcome.reason}.`;
  }
  return '';
}

function tableOf(rows: readonly (Outcome | undefined)[], parts: readonly EncoderPart[]): FeatureTable | undefined {
  const first = rows.find((outcome) => outcome?.state === 'present');
  if (first?.state !== 'present') return undefined;
  const dim = first.row.length;
  const table = new Float32Array(rows.length * dim);
  const presence = new Uint8Array(rows.length);
  rows.forEach((outcome, i) => {
    if (outcome?.state !== 'present') return;
    table.set(outcome.row, i * dim);
    presence[i] = 1;
  });
  const made = { encoder: parts.map(encoderName).join(' + '), parts };
  return { dim, rows: table, presence: presence.includes(0) ? presence : undefined, ...made };
}

function labelOf({ label }: SourceUtterance, classes: readonly string[], where: string): number {
  if (label === undefined) return -1;
  const index = classes.indexOf(label);
  if (index < 0)
    throw new InputError(
      `${where} has the label "${label}", which is none of the classes.${suggestion(label, classes)}`,
    );
  return index;
}

/**
 * A few names are kept: they are the same people throughout. Many names are counted anew in each dialogue, since most
 * would be strangers to a model that is tested on other dialogues.
 */
function speakersOf(
  utterances: readonly SourceUtterance[],
  keep = false,
): { names: string[]; indices: number[]; origin: string[] } {
  const unknown = 'unknown';
  const said = utterances.map(({ speaker }) => speaker ?? unknown);
  const names = [...new Set(said)];
  if (keep || names.length <= MOST_NAMES) {
    // As the released models count them.
    const ordered = names.every((name) => name === 'M' || name === 'F') ? ['M', 'F'] : names;
    return { names: ordered, indices: said.map((name) => ordered.indexOf(name)), origin: [] };
  }
  const within = new Map<string, string[]>();
  const indices = utterances.map(({ dialogue }, i) => {
    const known = within.get(dialogue) ?? [];
    if (!known.includes(said[i])) known.push(said[i]);
    within.set(dialogue, known);
    return known.indexOf(said[i]);
  });
  const most = Math.max(...[...within.values()].map((known) => known.length));
  return {
    names: Array.from({ length: most }, (_, i) => `speaker ${i + 1}`),
    indices,
    origin: [`its ${names.length} speakers are counted anew in each dialogue, in the order in which they first speak`],
  };
}
