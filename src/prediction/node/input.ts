import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { InputError, UsageError } from '../../base/errors.js';
import { isCorpusDirectory, readCorpus } from '../../corpus/files.js';
import type { Corpus, SplitName } from '../../corpus/index.js';
import type { RunConfig } from '../../run/index.js';
import { conversationOf, dialoguesOf, fitCorpus } from '../corpus.js';
import { isManifest, type NamedConversation, readUtteranceLines } from '../formats/lines.js';
import type { ModelInputs } from '../types.js';
import { type RecordingOptions, readConversations } from './recording.js';

/** What `vega-merc predict` reads. */
export interface PredictionInput {
  conversations: Iterable<NamedConversation>;
  /** How many conversations there are. */
  count: number;
  /** What a reader must be told. */
  notes: string[];
}

export interface InputOptions extends RecordingOptions {
  /** Of a corpus, only the dialogues of a split. */
  split?: SplitName;
  /** The model that is to read it. */
  model: { inputs: ModelInputs; classes: readonly string[]; run?: RunConfig };
}

/**
 * Reads what is to be predicted: a corpus directory, a manifest, JSONL of utterances, a recording, a transcript, or
 * MELD's and IEMOCAP's folders. A recording without a transcript is listened to.
 * @throws InputError with what is wrong with it.
 */
export async function readInput(path: string, { split, model, ...recording }: InputOptions): Promise<PredictionInput> {
  const { transcript } = recording;
  if (isCorpusDirectory(path)) {
    refuseSpeakers(recording);
    if (transcript !== undefined)
      throw new UsageError(`A transcript belongs to a single recording, and ${path} is none.`);
    return ofCorpus(readCorpus(path), split, model);
  }
  if (split !== undefined) throw new UsageError(`${path} is no corpus directory, and only a corpus has splits.`);
  if (!existsSync(path)) throw new InputError(`${path}: there is no such file or directory.`);
  if (extname(path).toLowerCase() === '.jsonl' && transcript === undefined) {
    const text = readFileSync(path, 'utf8');
    if (!isManifest(text)) {
      refuseSpeakers(recording);
      const conversations = readUtteranceLines(
        text,
        path,
        (file) => resolve(dirname(path), file),
        basename(path, extname(path)),
      );
      return { conversations, count: conversations.length, notes: [] };
    }
  }
  const { conversations, notes } = await readConversations(path, recording);
  return { conversations, count: conversations.length, notes };
}

/** @throws UsageError where speakers are told of what is no recording. */
export function refuseSpeakers({ speakers, whole }: RecordingOptions): void {
  if (speakers === undefined && !whole) return;
  throw new UsageError(
    `${speakers === undefined ? '--whole' : '--speakers'} belongs to a single recording without a transcript.`,
  );
}

function ofCorpus(
  corpus: Corpus,
  split: SplitName | undefined,
  { inputs, classes, run }: InputOptions['model'],
): PredictionInput {
  const { notes } = fitCorpus(corpus, inputs, classes, run);
  const indices = split === undefined ? corpus.dialogues.map((_, i) => i) : dialoguesOf(corpus, split, run);
  return {
    conversations: (function* () {
      for (const d of indices) {
        const { id, utterances } = corpus.dialogues[d];
        const places = utterances.map(({ speaker, label, labelledBy, text, estimated, start, end }, index) => ({
          dialogue: id,
          index,
          speaker: corpus.speakers[speaker],
          text,
          estimated,
          start,
          end,
          label: label < 0 ? undefined : corpus.classes[label],
          labelledBy,
        }));
        yield { utterances: conversationOf(corpus, d), places };
      }
    })(),
    count: indices.length,
    notes: corpus.note ? [corpus.note, ...notes] : notes,
  };
}
