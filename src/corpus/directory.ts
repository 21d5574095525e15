import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import { diskError, writeFileAtomic } from '../base/files.js';
import { MODALITIES } from '../base/modalities.js';
import { readFileBytes } from '../base/read.js';
import { sha256 } from '../base/sha256.js';
import { writeSafetensors } from '../interchange/files.js';
import type { NdArray } from '../interchange/index.js';
import { type Description, FILES, FORMAT_VERSION, type UtteranceLine } from './format.js';
import { hashCorpus } from './hash.js';
import { parseCorpus } from './parse.js';
import type { Corpus, FeatureTable } from './types.js';

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
  checkCorpusPlace(directory);
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
 * Checks that a corpus can be written there, before the work whose result is to be written.
 * @throws InputError where the directory holds something else, or the disk refuses.
 */
export function checkCorpusPlace(directory: string): void {
  if (existsSync(directory) && !isCorpusDirectory(directory) && entries(directory).length > 0) {
    throw new InputError(
      `${directory} holds other files and no corpus. Give a new or an empty directory, so that nothing gets mixed up.`,
    );
  }
  const trial = `${resolve(directory)}.${process.pid}.tmp`;
  try {
    rmSync(mkdirSync(trial, { recursive: true }) ?? trial, { recursive: true });
  } catch (error) {
    // Node says of a read-only place that it is not there.
    let parent = dirname(trial);
    while (!existsSync(parent)) parent = dirname(parent);
    try {
      accessSync(parent, constants.W_OK);
    } catch (reason) {
      throw diskError(directory, reason);
    }
    throw diskError(directory, error);
  }
}

/**
 * Reads a corpus directory and checks it against its hashes.
 * @throws InputError with what is wrong with a directory it refuses
 */
export function readCorpus(directory: string): Corpus {
  if (!isCorpusDirectory(directory)) {
    const what = statSync(directory, { throwIfNoEntry: false })?.isFile()
      ? `${directory} is a file, and a corpus is a directory with a ${FILES.description}`
      : `${directory} is not a corpus directory: it has no ${FILES.description}`;
    throw new InputError(
      `${what}. Make one from a feature pickle with "vega-merc import FILE.pkl --out CORPUS", or from recordings, ` +
        'transcripts or a manifest with "vega-merc extract INPUT --out CORPUS".',
    );
  }
  const read = (file: keyof typeof FILES) => readFileBytes(join(directory, FILES[file]));
  return parseCorpus(
    { description: read('description'), utterances: read('utterances'), features: read('features') },
    directory,
  );
}

function describe(corpus: Corpus, hashes: Description['hashes']): Description {
  const modality = (table: FeatureTable | undefined) =>
    table === undefined ? null : { dim: table.dim, encoder: table.encoder, parts: table.parts && [...table.parts] };
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

function utteranceLines({ dialogues, classes, speakers }: Corpus): string {
  let lines = '';
  for (const { id, utterances } of dialogues) {
    utterances.forEach(({ speaker, label, text, estimated, media, start, end, from }, index) => {
      const line: UtteranceLine = {
        dialogue: id,
        index,
        speaker: speakers[speaker],
        text,
        estimated,
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

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw diskError(directory, error);
  }
}
