import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import { diskError, sha256, writeFileAtomic } from '../base/files.js';
import { MODALITIES } from '../base/modalities.js';
import { suggestion } from '../base/names.js';
import { asFloat32, type NdArray, readSafetensors, writeSafetensors } from '../interchange/index.js';
import { createCorpus } from './corpus.js';
import {
  type Description,
  descriptionSchema,
  FILES,
  FORMAT_VERSION,
  parseJson,
  readJsonLines,
  readText,
  type UtteranceLine,
  utteranceLineSchema,
} from './format.js';
import { hashCorpus } from './hash.js';
import type { Corpus, Dialogue, FeatureTable, Utterance } from './types.js';

/** Is this a directory with a corpus in it? */
export function isCorpusDirectory(directory: string): boolean {
  return existsSync(join(directory, FILES.description));
}

/**
 * Writes a corpus directory: corpus.json, utterances.jsonl and features.safetensors, all or none of them. A corpus that
 * is there already is replaced; other files in the directory stay.
 * @throws InputError where the directory holds something else, or the disk refuses
 */
export function writeCorpus(directory: string, corpus: Corpus): void {
  if (existsSync(directory) && !isCorpusDirectory(directory) && entries(directory).length > 0) {
    throw new InputError(
      `${directory} holds other files and no corpus. Give a new or an empty directory, so that nothing gets mixed up.`,
    );
  }
  const hashes = hashCorpus(corpus);
  const lines = utteranceLines(corpus);
  const tensors = new Map<string, NdArray>();
  for (const modality of MODALITIES) {
    const table = corpus.features[modality];
    if (table === undefined) continue;
    tensors.set(modality, { shape: [corpus.utterances, table.dim], dtype: 'float32', data: table.rows });
    if (table.presence !== undefined)
      tensors.set(`${modality}_presence`, { shape: [corpus.utterances], dtype: 'uint8', data: table.presence });
  }
  const description = describe(corpus, { corpus: hashes.corpus, utterances: sha256(lines), ...hashes.features });
  // Complete in a place of its own first: a full disk leaves nothing behind and an older corpus whole.
  const staging = `${resolve(directory)}.${process.pid}.tmp`;
  try {
    mkdirSync(staging, { recursive: true });
  } catch (error) {
    throw diskError(directory, error);
  }
  try {
    writeSafetensors(join(staging, FILES.features), tensors);
    writeFileAtomic(join(staging, FILES.utterances), lines);
    writeFileAtomic(join(staging, FILES.description), `${JSON.stringify(description, null, 2)}\n`);
    mkdirSync(directory, { recursive: true });
    // corpus.json last: with it the directory becomes a corpus.
    for (const file of [FILES.features, FILES.utterances, FILES.description])
      renameSync(join(staging, file), join(directory, file));
  } catch (error) {
    throw error instanceof InputError ? error : diskError(directory, error);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/**
 * Reads a corpus directory and checks it against its hashes.
 * @throws InputError with what is wrong with a directory it refuses
 */
export function readCorpus(directory: string): Corpus {
  const path = join(directory, FILES.description);
  if (!isCorpusDirectory(directory)) {
    throw new InputError(
      `${directory} is not a corpus directory: it has no ${FILES.description}. ` +
        'Make one from a feature pickle with "vega-merc import FILE.pkl --out CORPUS".',
    );
  }
  const description = readDescription(path);
  const dialogues = readDialogues(join(directory, FILES.utterances), description);
  const rows = dialogues.reduce((sum, dialogue) => sum + dialogue.utterances.length, 0);
  const { modalities, hashes, formatVersion: _, ...parts } = description;
  const features = readFeatures(join(directory, FILES.features), modalities, rows);
  const corpus = createCorpus({ ...parts, dialogues, features }, directory);
  if (hashes !== undefined) checkHashes(directory, corpus, hashes);
  return corpus;
}

function describe(corpus: Corpus, hashes: Description['hashes']): Description {
  const modality = (table: FeatureTable | undefined) =>
    table === undefined ? null : { dim: table.dim, encoder: table.encoder };
  const { text, audio, visual } = corpus.features;
  return {
    formatVersion: FORMAT_VERSION,
    name: corpus.name,
    synthetic: corpus.synthetic,
    composed: corpus.composed,
    note: corpus.note,
    origin: corpus.origin,
    classes: corpus.classes,
    speakers: corpus.speakers,
    modalities: { text: modality(text), audio: modality(audio), visual: modality(visual) },
    splits: corpus.splits,
    hashes,
  };
}

/** The version is looked at before anything else: a newer format may differ everywhere. */
function readDescription(path: string): Description {
  const json = readText(path);
  const version = /"formatVersion"\s*:\s*([^,}\s]+)/.exec(json)?.[1];
  if (version !== undefined && version !== String(FORMAT_VERSION)) {
    throw new InputError(
      `${path} has the format version ${version}, but this program reads version ${FORMAT_VERSION} only. ` +
        'Update vega-merc, or import the corpus again.',
    );
  }
  return parseJson(descriptionSchema, json, path);
}

function utteranceLines({ dialogues, classes, speakers }: Corpus): string {
  let lines = '';
  for (const { id, utterances } of dialogues) {
    utterances.forEach(({ speaker, label, text, media, start, end, from }, index) => {
      const line: UtteranceLine = {
        dialogue: id,
        index,
        speaker: speakers[speaker],
        text,
        label: label < 0 ? null : classes[label],
        media,
        start,
        end,
        from,
      };
      lines += `${JSON.stringify(line)}\n`;
    });
  }
  return lines;
}

function readDialogues(path: string, { classes, speakers }: Description): Omit<Dialogue, 'offset'>[] {
  const dialogues: { id: string; utterances: Utterance[] }[] = [];
  const number = (what: string, name: string, names: readonly string[], where: string) => {
    const index = names.indexOf(name);
    if (index < 0)
      throw new InputError(`${where}: the ${what} "${name}" is not in ${FILES.description}.${suggestion(name, names)}`);
    return index;
  };
  for (const { value, where } of readJsonLines(utteranceLineSchema, path)) {
    const { dialogue, index, speaker, label, ...rest } = value;
    if (dialogues.at(-1)?.id !== dialogue) dialogues.push({ id: dialogue, utterances: [] });
    const { utterances } = dialogues[dialogues.length - 1];
    if (index !== utterances.length) {
      throw new InputError(
        `${where}: dialogue "${dialogue}" has the index ${index} where ${utterances.length} should be; ` +
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

function readFeatures(path: string, modalities: Description['modalities'], rows: number): Corpus['features'] {
  const { tensors } = readSafetensors(path);
  const take = (name: string, dtype: NdArray['dtype'], shape: number[]): NdArray => {
    const tensor = tensors.get(name) as NdArray;
    tensors.delete(name);
    if (tensor.dtype !== dtype || tensor.shape.join() !== shape.join()) {
      throw new InputError(
        `${path}: the tensor "${name}" is ${tensor.dtype} [${tensor.shape.join(', ')}], but the corpus needs ` +
          `${dtype} [${shape.join(', ')}].`,
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
        `${path} has no tensor "${modality}", but ${FILES.description} describes one. The directory is incomplete; ` +
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
    throw new InputError(`${path} has the tensor "${unknown}", which ${FILES.description} does not describe.`);
  }
  return features;
}

function checkHashes(directory: string, corpus: Corpus, recorded: NonNullable<Description['hashes']>): void {
  const advice =
    `It was changed after the corpus was written. Restore it, or import the corpus again; to accept the change, ` +
    `delete the field "hashes" from ${FILES.description}.`;
  const refuse = (file: string, what: string) => {
    throw new InputError(
      `${join(directory, file)}: ${what} does not agree with its hash in ${FILES.description}. ${advice}`,
    );
  };
  const path = join(directory, FILES.utterances);
  if (sha256(readText(path)) !== recorded.utterances) refuse(FILES.utterances, 'the file');
  if (corpus.hash === recorded.corpus) return;
  const { features } = hashCorpus(corpus);
  for (const modality of MODALITIES) {
    if (features[modality] !== recorded[modality]) refuse(FILES.features, `the tensor "${modality}"`);
  }
  refuse(FILES.description, 'what it says of classes, speakers or splits');
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw diskError(directory, error);
  }
}
