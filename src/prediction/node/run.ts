import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text as readAll } from 'node:stream/consumers';
import { InputError, UsageError } from '../../base/errors.js';
import type { Modality } from '../../base/modalities.js';
import { isCorpusDirectory, readCorpus } from '../../corpus/files.js';
import type { SplitName } from '../../corpus/index.js';
import { type PredictionLine, predictionLine } from '../formats/line.js';
import { type NamedConversation, parseUtteranceLine, readUtteranceLines } from '../formats/lines.js';
import type { Predictor } from '../predictor.js';
import type { LiveConversation, Prediction } from '../types.js';
import { encodersOf } from './encoders.js';
import { readInput, refuseSpeakers } from './input.js';
import type { OpenOptions } from './open.js';
import { type OpenedModel, openModel } from './openModel.js';
import type { RecordingOptions } from './recording.js';
import { dataOf } from './source.js';

/** Conversation of lines that name none. */
const STDIN = 'conversation';
/** Each takes some 200 MB. */
const MOST_PROCESSES = 4;

/**
 * Opens the model that is to read an input. A checkpoint file takes its classes from the options, or from the corpus that
 * it is to read.
 */
export async function openForInput(
  model: string,
  input: string,
  {
    classes,
    anchors,
    faces,
    set,
    threads,
    device,
  }: Pick<OpenOptions, 'classes' | 'anchors' | 'faces' | 'set' | 'threads' | 'device'>,
): Promise<OpenedModel> {
  const corpus = input !== '-' && isCorpusDirectory(input) ? readCorpus(input) : undefined;
  const own = corpus && dataOf(corpus);
  const data = classes === undefined ? own : { source: 'the list given', ...own, classes };
  const encoders = encodersOf(Math.min(MOST_PROCESSES, availableParallelism()));
  return openModel(model, { data, anchors, faces, set, threads, device, encoders });
}

/**
 * Predicts all of an input, conversation by conversation. A file that cannot be read costs only its own modality, and the
 * answer says why.
 * @param onAnswers called with the answers of each conversation, and how many of all are done.
 * @returns what a reader must be told.
 */
export async function predictInput(
  { predictor, run }: OpenedModel,
  path: string,
  { split, stdin, ...recording }: RecordingOptions & { split?: SplitName; stdin: NodeJS.ReadableStream },
  onAnswers: (lines: PredictionLine[], done: number, all: number) => void,
): Promise<string[]> {
  const { inputs, classes, about } = predictor;
  if (path === '-' && split !== undefined)
    throw new UsageError('stdin is no corpus directory, and only a corpus has splits.');
  if (path === '-') refuseSpeakers(recording);
  const read =
    path === '-'
      ? ofText(await readAll(stdin))
      : await readInput(path, { ...recording, split, model: { inputs, classes, run } });
  const waiting: NamedConversation[] = [];
  const utterances = (function* () {
    for (const conversation of read.conversations) {
      waiting.push(conversation);
      yield conversation.utterances;
    }
  })();
  const unfamiliar = new Map<Modality, number>();
  let done = 0;
  for await (const answers of predictor.predictAll(utterances, { unreadable: 'absent', signal: recording.signal })) {
    const { places } = waiting.shift() as NamedConversation;
    for (const answer of answers) countUnfamiliar(answer, unfamiliar);
    onAnswers(
      answers.map((answer, i) => predictionLine(places[i], answer, about)),
      ++done,
      read.count,
    );
  }
  return [...read.notes, ...unfamiliarNotes(unfamiliar)];
}

/** Answers each line of a stream as it comes; lines of several conversations may be mixed. */
export async function* predictLines(
  predictor: Predictor,
  stream: NodeJS.ReadableStream,
): AsyncGenerator<PredictionLine> {
  const open = new Map<string, LiveConversation>();
  // Refuses models that cannot answer live before anything is typed.
  open.set(STDIN, predictor.live());
  let number = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (text.trim() === '') continue;
    const { dialogue, utterance, place } = parseUtteranceLine(text, `stdin, line ${number}`, resolve, STDIN);
    const conversation = open.get(dialogue) ?? predictor.live();
    open.set(dialogue, conversation);
    const { index, ...answer } = await conversation.say(utterance, { unreadable: 'absent' });
    yield predictionLine({ dialogue, index, ...place }, answer, predictor.about);
  }
}

function ofText(text: string) {
  if (text.trim() === '') throw new InputError('stdin is empty; it needs an utterance a line, as JSON.');
  const conversations = readUtteranceLines(text, 'stdin', (file) => resolve(file), STDIN);
  return { conversations, count: conversations.length, notes: [] };
}

function countUnfamiliar({ unfamiliar = [] }: Prediction, counts: Map<Modality, number>): void {
  for (const modality of unfamiliar) counts.set(modality, (counts.get(modality) ?? 0) + 1);
}

function unfamiliarNotes(counts: ReadonlyMap<Modality, number>): string[] {
  return [...counts].map(
    ([modality, count]) =>
      `The ${modality} of ${count} utterance${count === 1 ? ' is' : 's is'} unlike anything that the model was trained on; it was left out where there was something else, and where not, do not trust the answer.`,
  );
}
