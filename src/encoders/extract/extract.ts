import { type Claim, withDirectory } from '../../base/claim.js';
import { MODALITIES, type Modality } from '../../base/modalities.js';
import { sha256 } from '../../base/sha256.js';
import { checkCorpusPlace, writeCorpus } from '../../corpus/files.js';
import type { Corpus, EncoderPart } from '../../corpus/index.js';
import type { Clip } from '../media/clip.js';
import { readSource } from '../sources/index.js';
import type { Source } from '../sources/source.js';
import { assembleCorpus, type CorpusWords } from './assemble.js';
import { type FeatureCache, featureCache, openCache, withOthers } from './cache.js';
import { checkChoice, describeEncoders, type EncoderChoice } from './choice.js';
import type { Outcome } from './encode.js';
import { encodeAll, groupsFor } from './encodeAll.js';
import { hearSource } from './hear.js';
import { isUnchanged, type Plan, planExtraction, type Want } from './plan.js';
import { createEncoderPool } from './pool.js';
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
  /** Of a recording without a transcript: how many people speak, or their names in the order in which they first speak. */
  speakers?: number | readonly string[];
  /** Takes a recording without a transcript as one utterance, without words and speakers. */
  whole?: boolean;
  encoders: EncoderChoice;
  /** Processes that encode at the same time. */
  jobs: number;
  /** Where features of earlier runs are kept; the user's cache folder when left out. */
  cache?: string;
  /** Further folders in which features are looked up, as those that `extractPart` filled; nothing is written there. */
  alsoCached?: readonly string[];
  /** Called when a recording is listened to, before anything is encoded. */
  onListen?: (media: string) => void;
  /** Ends it where it is; the same call later goes on from there. */
  signal?: AbortSignal;
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

/**
 * From recordings and transcripts to a corpus directory. What cannot be read costs only itself, and is recorded; what
 * was encoded before, with the same encoders and settings, is taken from the cache, so that a run that was cut off goes
 * on where it was.
 * @throws InputError where the input is wrong, an encoder or its package is missing, or another process writes there;
 * UsageError where an encoder's name is wrong.
 */
export async function extract(options: ExtractOptions): Promise<Extraction> {
  checkChoice(options.encoders);
  return withDirectory(options.out, { doing: 'extract' }, async (claim) => {
    checkCorpusPlace(options.out);
    return extractTo(options, claim);
  });
}

/** What an extraction reads, before anything is encoded. */
interface Prepared {
  source: Source;
  hearing: Awaited<ReturnType<typeof hearSource>>['hearing'];
  wants: Want[];
  failures: Plan['failures'];
  parts: Map<Modality, EncoderPart[]>;
  caches: Map<Modality, FeatureCache>;
}

/** @param isOwn leaves clips out: see `planExtraction`. */
async function prepare(options: ExtractOptions, isOwn?: (clip: Clip) => boolean): Promise<Prepared> {
  const { input, encoders } = options;
  const cache = options.cache ?? featureCache();
  const read = readSource(input, options.transcript);
  const { source, hearing } = await hearSource(options.whole ? { ...read, unheard: undefined } : read, {
    ...options,
    cache,
  });
  const { wants, failures } = await planExtraction(source.utterances, chosenModalities(encoders), isOwn);
  const parts = new Map<Modality, EncoderPart[]>();
  const caches = new Map<Modality, FeatureCache>();
  for (const modality of MODALITIES) {
    if (!wants.some((want) => want.modality === modality)) continue;
    const described = await describeEncoders(encoders, modality);
    parts.set(modality, described);
    const others = (options.alsoCached ?? []).map((folder) => openCache(folder, described));
    caches.set(modality, withOthers(openCache(cache, described), others));
  }
  return { source, hearing, wants, failures, parts, caches };
}

/** A part of an extraction, for a process anywhere. */
export interface ExtractionPart {
  /** This one, from 0, and how many there are. */
  part: number;
  of: number;
  /** Where its features go, as a cache: see `alsoCached`. */
  folder: string;
}

/**
 * Encodes a part of what an extraction with these options has to encode and has not in its cache, in this process. The
 * extraction itself then finds it by `alsoCached`, and writes the same corpus as if it had encoded all.
 */
export async function extractPart(options: ExtractOptions, { part, of, folder }: ExtractionPart): Promise<void> {
  checkChoice(options.encoders);
  await withDirectory(folder, { doing: 'extract' }, async () => {
    // Of clips by their place, so that each file is read by one part alone; of texts by groups, which stay whole.
    const isOwn = ({ media, start, end }: Clip) =>
      Number.parseInt(sha256(JSON.stringify([media, start, end])).slice(0, 8), 16) % of === part;
    const { wants, parts, caches } = await prepare(
      { ...options, alsoCached: [...(options.alsoCached ?? []), folder] },
      isOwn,
    );
    const own = groupsFor(wants).filter(([{ modality }], i) => modality !== 'text' || i % of === part);
    const open = new Set(inOrder(own.flat()).filter((want) => caches.get(want.modality)?.get(want.key) === undefined));
    const written = new Map([...parts].map(([modality, described]) => [modality, openCache(folder, described)]));
    const pool = createEncoderPool(options.encoders, 1, options.signal);
    await encodeAll(
      own,
      (want) => open.has(want),
      pool,
      (want, outcome) => {
        if (isUnchanged(want)) written.get(want.modality)?.put(want.key, outcome);
      },
    );
  });
}

async function extractTo(options: ExtractOptions, claim: Claim): Promise<Extraction> {
  const { out, encoders } = options;
  const { source, hearing, wants, failures, parts, caches } = await prepare(options);
  const outcomes = new Map<Modality, (Outcome | undefined)[]>();
  for (const modality of MODALITIES) {
    if ([...wants, ...failures].some((one) => one.modality === modality))
      outcomes.set(modality, new Array(source.utterances.length));
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
  for (const want of inOrder(wants)) {
    const known = caches.get(want.modality)?.get(want.key);
    if (known === undefined) continue;
    settle(want, known);
    found.add(want);
  }
  if (found.size < wants.length) {
    const pool = createEncoderPool(encoders, options.jobs, options.signal);
    const isOpen = (want: Want) => !found.has(want);
    await encodeAll(groupsFor(wants), isOpen, pool, (want, outcome) => {
      if (isUnchanged(want)) {
        caches.get(want.modality)?.put(want.key, outcome);
        settle(want, outcome);
      } else settle(want, { state: 'failed', reason: 'changed while it was read' });
    });
  }
  const corpus = assembleCorpus(source, outcomes, parts, options, out);
  const record: ExtractionRecord = { ...recordOf(source, outcomes, parts, corpus, out), hearing };
  claim.check();
  writeCorpus(out, corpus, { [EXTRACTION_FILE]: `${JSON.stringify(record, null, 2)}\n` });
  return { corpus, record, cached: found.size };
}

/** As a cache is to be asked. */
const inOrder = (wants: readonly Want[]): Want[] => [...wants].sort((a, b) => (a.key < b.key ? -1 : 1));

function chosenModalities({ text, audio, visual }: EncoderChoice): Modality[] {
  const chosen = { text: text !== undefined, audio: audio !== undefined, visual: visual !== undefined };
  return MODALITIES.filter((modality) => chosen[modality]);
}
