import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isClaim, withDirectory } from '../base/claim.js';
import { InputError } from '../base/errors.js';
import { diskError, isTemporary, writeFileAtomic } from '../base/files.js';
import { MODALITIES } from '../base/modalities.js';
import { readFileBytes } from '../base/read.js';
import { currentFile, isReplacement, reading, replaceFiles } from '../base/replace.js';
import { sha256 } from '../base/sha256.js';
import { writeSafetensors } from '../interchange/files.js';
import type { NdArray } from '../interchange/index.js';
import { type Description, FILES, FORMAT_VERSION, type UtteranceLine } from './format.js';
import { hashCorpus } from './hash.js';
import { parseCorpus } from './parse.js';
import type { Corpus, FeatureTable } from './types.js';

/** Is this a directory with a corpus in it? */
export function isCorpusDirectory(directory: string): boolean {
  return existsSync(currentFile(directory, FILES.description));
}

/**
 * Writes a corpus directory: corpus.json, utterances.jsonl and features.safetensors, and what belongs with them, all or
 * none, however the process ends. A corpus that is there already is replaced; other files in the directory stay.
 * @param extra further files by their names, which change together with the corpus.
 * @throws InputError where the directory holds something else, another process writes there, or the disk refuses
 */
export function writeCorpus(directory: string, corpus: Corpus, extra: Readonly<Record<string, string>> = {}): void {
  withDirectory(directory, { doing: 'write corpus', brief: true, wait: 10_000 }, () => {
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
    replaceFiles(directory, (staging) => {
      writeSafetensors(join(staging, FILES.features), tensors);
      writeFileAtomic(join(staging, FILES.utterances), lines);
      for (const [name, text] of Object.entries(extra)) writeFileAtomic(join(staging, name), text);
      writeFileAtomic(join(staging, FILES.description), `${JSON.stringify(description, null, 2)}\n`);
    });
  });
}

/** Refuses a directory that a corpus cannot be written to: one with other files and no corpus. */
export function checkCorpusPlace(directory: string): void {
  if (isCorpusDirectory(directory)) return;
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    throw diskError(directory, error);
  }
  if (names.every((name) => isClaim(name) || isTemporary(name) || isReplacement(name))) return;
  throw new InputError(
    `${directory} holds other files and no corpus. Give a new or an empty directory, so that nothing gets mixed up.`,
  );
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
  const read = (file: keyof typeof FILES) => readFileBytes(currentFile(directory, FILES[file]));
  return reading(directory, () =>
    parseCorpus(
      { description: read('description'), utterances: read('utterances'), features: read('features') },
      directory,
    ),
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
    utterances.forEach(({ speaker, label, labelledBy, text, estimated, media, start, end, from }, index) => {
      const line: UtteranceLine = {
        dialogue: id,
        index,
        speaker: speakers[speaker],
        text,
        estimated,
        label: label < 0 ? null : classes[label],
        labelledBy,
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
