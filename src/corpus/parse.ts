import { InputError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import { MODALITIES } from '../base/modalities.js';
import { suggestion } from '../base/names.js';
import { sha256 } from '../base/sha256.js';
import { quote } from '../base/words.js';
import { asFloat32, type NdArray, parseSafetensors } from '../interchange/index.js';
import { createCorpus } from './corpus.js';
import {
  type Description,
  descriptionSchema,
  FILES,
  FORMAT_VERSION,
  parseJsonLines,
  utteranceLineSchema,
} from './format.js';
import { hashCorpus } from './hash.js';
import type { Corpus, Dialogue, FeatureTable, Utterance } from './types.js';

/** The bytes of a corpus's files. */
export type CorpusFiles = Record<keyof typeof FILES, Uint8Array>;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads a corpus and checks it against its hashes.
 * @param source what error sentences call the corpus, usually its directory
 * @throws InputError with what is wrong with files it refuses
 */
export function parseCorpus(files: CorpusFiles, source: string): Corpus {
  const name = (file: keyof typeof FILES) => `${source}/${FILES[file]}`;
  const description = parseDescription(utf8.decode(files.description), name('description'));
  const lines = utf8.decode(files.utterances);
  const dialogues = parseDialogues(lines, description, name('utterances'));
  const rows = dialogues.reduce((sum, dialogue) => sum + dialogue.utterances.length, 0);
  const { modalities, hashes, formatVersion: _, ...parts } = description;
  const features = parseFeatures(files.features, modalities, rows, name('features'));
  const corpus = createCorpus({ ...parts, dialogues, features }, source);
  if (hashes !== undefined) checkHashes(corpus, hashes, sha256(files.utterances), name);
  return corpus;
}

/** The version is looked at before anything else: a newer format may differ everywhere. */
function parseDescription(json: string, source: string): Description {
  const version = /"formatVersion"\s*:\s*([^,}\s]+)/.exec(json)?.[1];
  if (version !== undefined && version !== String(FORMAT_VERSION)) {
    throw new InputError(
      `${source} has the format version ${version.slice(0, 20)}, but this program reads version ${FORMAT_VERSION} ` +
        'only. Update vega-merc, or import the corpus again.',
    );
  }
  return parseJson(descriptionSchema, json, source);
}

function parseDialogues(text: string, description: Description, source: string): Omit<Dialogue, 'offset'>[] {
  const dialogues: { id: string; utterances: Utterance[] }[] = [];
  const places = (names: readonly string[]) => new Map(names.map((name, i) => [name, i]));
  const [classes, speakers] = [places(description.classes), places(description.speakers)];
  const number = (what: string, name: string, known: ReadonlyMap<string, number>, where: string) => {
    const index = known.get(name);
    if (index !== undefined) return index;
    throw new InputError(
      `${where}: the ${what} ${quote(name)} is not in ${FILES.description}.${suggestion(name, [...known.keys()])}`,
    );
  };
  for (const { value, where } of parseJsonLines(utteranceLineSchema, text, source)) {
    const { dialogue, index, speaker, label, ...rest } = value;
    if (dialogues.at(-1)?.id !== dialogue) dialogues.push({ id: dialogue, utterances: [] });
    const { utterances } = dialogues[dialogues.length - 1];
    if (index !== utterances.length) {
      throw new InputError(
        `${where}: dialogue ${quote(dialogue)} has the index ${index} where ${utterances.length} should be; ` +
          'the utterances of a dialogue stand together, in order, from 0.',
      );
    }
    utterances.push({
      speaker: number('speaker', speaker, speakers, where),
      label: label === null ? -1 : number('label', label, classes, where),
      ...rest,
    });
  }
  return dialogues;
}

function parseFeatures(
  bytes: Uint8Array,
  modalities: Description['modalities'],
  rows: number,
  source: string,
): Corpus['features'] {
  const { tensors } = parseSafetensors(bytes, source);
  const take = (name: string, dtype: NdArray['dtype'], shape: number[]): NdArray => {
    const tensor = tensors.get(name) as NdArray;
    tensors.delete(name);
    if (tensor.dtype !== dtype || tensor.shape.join() !== shape.join()) {
      throw new InputError(
        `${source}: the tensor "${name}" is ${tensor.dtype} [${tensor.shape.slice(0, 8).join(', ')}], but the corpus ` +
          `needs ${dtype} [${shape.join(', ')}].`,
      );
    }
    return tensor;
  };
  const features: Corpus['features'] = {};
  for (const modality of MODALITIES) {
    const described = modalities[modality];
    if (described === null) continue;
    if (!tensors.has(modality)) {
      throw new InputError(
        `${source} has no tensor "${modality}", but ${FILES.description} describes one. The directory is incomplete; ` +
          'import the corpus again.',
      );
    }
    const table: FeatureTable = {
      ...described,
      rows: asFloat32(take(modality, 'float32', [rows, described.dim])),
    };
    const presence = `${modality}_presence`;
    if (tensors.has(presence)) table.presence = take(presence, 'uint8', [rows]).data as Uint8Array;
    features[modality] = table;
  }
  const [unknown] = tensors.keys();
  if (unknown !== undefined) {
    throw new InputError(`${source} has the tensor ${quote(unknown)}, which ${FILES.description} does not describe.`);
  }
  return features;
}

/** @param utterances SHA-256 of the file as it is */
function checkHashes(
  corpus: Corpus,
  recorded: NonNullable<Description['hashes']>,
  utterances: string,
  name: (file: keyof typeof FILES) => string,
): void {
  const advice =
    `It was changed after the corpus was written. Restore it, or import the corpus again; to accept the change, ` +
    `delete the field "hashes" from ${FILES.description}.`;
  const refuse = (file: keyof typeof FILES, what: string) => {
    throw new InputError(`${name(file)}: ${what} does not agree with its hash in ${FILES.description}. ${advice}`);
  };
  if (utterances !== recorded.utterances) refuse('utterances', 'the file');
  if (corpus.hash === recorded.corpus) return;
  const { features } = hashCorpus(corpus);
  for (const modality of MODALITIES) {
    if (features[modality] !== recorded[modality]) refuse('features', `the tensor "${modality}"`);
  }
  refuse('description', 'what it says of classes, speakers or splits');
}
