import { join } from 'node:path';
import { writeFileAtomic } from '../../base/files.js';
import { MODALITIES, type Modality } from '../../base/modalities.js';
import { checkCorpusPlace, writeCorpus } from '../../corpus/files.js';
import type { Corpus, EncoderPart } from '../../corpus/index.js';
import type { Clip } from '../media/clip.js';
import { readSource } from '../sources/index.js';
import { assembleCorpus, type CorpusWords } from './assemble.js';
import { type FeatureCache, featureCache, openCache } from './cache.js';
import { checkChoice, describeEncoders, type EncoderChoice } from './choice.js';
import type { Outcome, Task } from './encode.js';
import { isUnchanged, planExtraction, type Want } from './plan.js';
import { createPool, type Pool } from './pool.js';
import { type ExtractionRecord, recordOf } from './record.js';

/** File in the corpus directory that says how its features were made, and what could not be read. */
export const EXTRACTION_FILE = 'extraction.json';

export interface ExtractOptions extends CorpusWords {
  /** What to read: see `readSource`. */
  input: string;
  /** The corpus directory to write. */
  out: string;
  /** SRT or WebVTT of a single recording. */
  transcript?: string;
  encoders: EncoderChoice;
  /** Processes that encode at the same time. */
  jobs: number;
  /** Where features of earlier runs are kept; the user's cache folder when left out. */
  cache?: string;
  onProgress?: (progress: ExtractProgress) => void;
}

export interface ExtractProgress {
  /** Utterances: those of which all is encoded or found in the cache, and all of them. */
  done: number;
  total: number;
  /** Utterances in which the speaker's face was found. */
  faces: number;
  /** Texts, voices and faces that could not be read. */
  failures: number;
}

/** What an extraction gave. */
export interface Extraction {
  corpus: Corpus;
  record: ExtractionRecord;
  /** Texts and clips that an earlier run had encoded. */
  cached: number;
}

/** Texts that go through together. */
const TEXTS_AT_ONCE = 64;
/** Short clips of one task. */
const CLIPS_AT_ONCE = 8;

/**
 * From recordings and transcripts to a corpus directory. What cannot be read costs only itself, and is recorded; what
 * was encoded before, with the same encoders and settings, is taken from the cache, so that a run that was cut off goes
 * on where it was.
 * @throws InputError where the input is wrong, or an encoder or its package is missing; UsageError where an encoder's name is.
 */
export async function extract(options: ExtractOptions): Promise<Extraction> {
  const { input, out, encoders } = options;
  checkChoice(encoders);
  checkCorpusPlace(out);
  const source = readSource(input, options.transcript);
  const { wants, failures } = await planExtraction(source.utterances, chosenModalities(encoders));
  const parts = new Map<Modality, EncoderPart[]>();
  const caches = new Map<Modality, FeatureCache>();
  const outcomes = new Map<Modality, (Outcome | undefined)[]>();
  for (const modality of MODALITIES) {
    const own = wants.some((want) => want.modality === modality);
    if (!own && !failures.some((failure) => failure.modality === modality)) continue;
    outcomes.set(modality, new Array(source.utterances.length));
    if (!own) continue;
    const described = await describeEncoders(encoders, modality);
    parts.set(modality, described);
    caches.set(modality, openCache(options.cache ?? featureCache(), described));
  }
  for (const { modality, row, outcome } of failures) (outcomes.get(modality) as Outcome[])[row] = outcome;

  const waiting = new Uint8Array(source.utterances.length);
  for (const { rows } of wants) for (const row of rows) waiting[row]++;
  const progress: ExtractProgress = {
    done: waiting.filter((left) => left === 0).length,
    total: waiting.length,
    faces: 0,
    failures: failures.length,
  };
  const settle = (want: Want, outcome: Outcome) => {
    for (const row of want.rows) {
      (outcomes.get(want.modality) as Outcome[])[row] = outcome;
      if (--waiting[row] === 0) progress.done++;
    }
    if (outcome.state === 'present' && want.modality === 'visual') progress.faces += want.rows.length;
    if (outcome.state === 'failed') progress.failures++;
    options.onProgress?.(progress);
  };
  const found = new Set<Want>();
  for (const want of [...wants].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const known = caches.get(want.modality)?.get(want.key);
    if (known === undefined) continue;
    settle(want, known);
    found.add(want);
  }
  const open = wants.filter((want) => !found.has(want));
  if (open.length > 0) {
    await encodeAll(open, encoders, options.jobs, (want, outcome) => {
      if (isUnchanged(want)) {
        caches.get(want.modality)?.put(want.key, outcome);
        settle(want, outcome);
      } else settle(want, { state: 'failed', reason: 'changed while it was read' });
    });
  }
  const corpus = assembleCorpus(source, outcomes, parts, options, out);
  const record = recordOf(source, outcomes, parts, corpus, out);
  writeCorpus(out, corpus);
  writeFileAtomic(join(out, EXTRACTION_FILE), `${JSON.stringify(record, null, 2)}\n`);
  return { corpus, record, cached: wants.length - open.length };
}

function chosenModalities({ text, audio, visual }: EncoderChoice): Modality[] {
  const chosen = { text: text !== undefined, audio: audio !== undefined, visual: visual !== undefined };
  return MODALITIES.filter((modality) => chosen[modality]);
}

async function encodeAll(
  wants: readonly Want[],
  encoders: EncoderChoice,
  jobs: number,
  settle: (want: Want, outcome: Outcome) => void,
): Promise<void> {
  const queue = tasksFor(wants);
  const pool: Pool = createPool(encoders, Math.min(jobs, queue.length));
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { task, wants: members } = next;
      const found = await pool.run(task);
      if ('died' in found && members.length > 1) {
        // One of them did it; alone, it costs only itself.
        queue.unshift(...members.map((want) => ({ task: taskOf([want]), wants: [want] })));
        continue;
      }
      members.forEach((want, i) => {
        const reason = 'died' in found ? `made the program that read it break down (${found.died})` : '';
        settle(want, 'died' in found ? { state: 'failed', reason } : found[i]);
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: pool.size }, work));
  } finally {
    queue.length = 0;
    await pool.close();
  }
}

/**
 * Texts first, in groups of like length; then sound and pictures in turn, so that utterances are done one after the
 * other: short clips in groups, long ones one by one.
 */
function tasksFor(wants: readonly Want[]): { task: Task; wants: Want[] }[] {
  const of = (modality: Modality, short = true) =>
    wants.filter((want) => want.modality === modality && (modality === 'text' || want.short === short));
  const texts = of('text').sort((a, b) => (a.text as string).length - (b.text as string).length);
  const inTurn = (short: boolean, size: number) => {
    const [sound, pictures] = [grouped(of('audio', short), size), grouped(of('visual', short), size)];
    const turns = Array.from({ length: Math.max(sound.length, pictures.length) }, (_, i) => [sound[i], pictures[i]]);
    return turns.flat().filter((group) => group !== undefined);
  };
  const clips = [...inTurn(true, CLIPS_AT_ONCE), ...inTurn(false, 1)];
  return [...grouped(texts, TEXTS_AT_ONCE), ...clips].map((members) => ({ task: taskOf(members), wants: members }));
}

function grouped(wants: readonly Want[], size: number): Want[][] {
  return Array.from({ length: Math.ceil(wants.length / size) }, (_, i) => wants.slice(i * size, (i + 1) * size));
}

/** @param members of one modality. */
function taskOf(members: readonly Want[]): Task {
  const [{ modality }] = members;
  if (modality === 'text') return { modality, texts: members.map((want) => want.text as string) };
  return { modality, clips: members.map((want) => want.clip as Clip) };
}
