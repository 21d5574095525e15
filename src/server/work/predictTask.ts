import { InputError } from '../../base/errors.js';
import { type LiveConversation, type Prediction, type Predictor, predictionLine } from '../../prediction/index.js';
import { open } from '../../prediction/node/open.js';
import { stayBehind } from './behind.js';
import type { HeardUtterance, ModelInfo, PredictTask, Saying, ServedModel, Told } from './tasks.js';

/** A file that cannot be read costs only its modality, as with `vega-merc predict`. */
const OPTIONS = { unreadable: 'absent' } as const;

stayBehind();

const opened = new Map<string, Promise<Predictor>>();
const live = new Map<string, LiveConversation>();

/** The module of the processes that predict; see `TaskModule`. */
export async function perform(task: PredictTask): Promise<ModelInfo | Told[] | undefined> {
  switch (task.kind) {
    case 'open': {
      const predictor = await predictorOf(task.model, task.threads);
      await warm(predictor);
      return about(task.model.name, predictor);
    }
    case 'predict':
      return predict(await predictorOf(task.model, task.threads), task.conversations);
    case 'say': {
      const told: Told[] = [];
      for (const saying of task.sayings) told.push(await say(saying, await predictorOf(saying.model, task.threads)));
      return told;
    }
    case 'forget':
      live.delete(task.id);
      return undefined;
  }
}

function predictorOf({ name, model }: ServedModel, threads: number): Promise<Predictor> {
  let predictor = opened.get(name);
  if (predictor === undefined) {
    predictor = open(model, { threads });
    opened.set(name, predictor);
    predictor.catch(() => opened.delete(name));
  }
  return predictor;
}

/** Loads the encoder of words now, so that no request waits for it. What is wrong with it is told to who needs it. */
async function warm(predictor: Predictor): Promise<void> {
  if (predictor.inputs.text?.parts === undefined) return;
  await predictor.predict([{ text: 'Hello.' }]).catch(() => undefined);
}

function about(name: string, predictor: Predictor): ModelInfo {
  const { classes, inputs, about } = predictor;
  try {
    predictor.live();
    return { name, classes, inputs, about };
  } catch (error) {
    return { name, classes, inputs, about, notLive: (error as Error).message };
  }
}

/** All at once; where one is refused, each by itself, so that it costs nobody else the answer. */
async function predict(predictor: Predictor, conversations: HeardUtterance[][]): Promise<Told[]> {
  const told: Told[] = [];
  try {
    const all = conversations.map((conversation) => conversation.map(({ utterance }) => utterance));
    for await (const answers of predictor.predictAll(all, OPTIONS)) {
      const heard = conversations[told.length];
      told.push({ lines: answers.map((answer, i) => lineOf(heard[i], answer, predictor)) });
    }
    return told;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (conversations.length === 1) return [{ refused: error.message }];
    const each: Told[] = [];
    for (const conversation of conversations) each.push(...(await predict(predictor, [conversation])));
    return each;
  }
}

async function say({ id, length, before, next }: Saying, predictor: Predictor): Promise<Told> {
  let conversation = live.get(id);
  if (before !== undefined || (length === 0 && conversation?.length !== 0)) {
    conversation = predictor.live();
    for (const utterance of before ?? []) await conversation.say(utterance, OPTIONS);
    live.set(id, conversation);
  }
  if (conversation?.length !== length) return { forgotten: true };
  try {
    const { index, ...answer } = await conversation.say(next.utterance, OPTIONS);
    return { lines: [lineOf({ ...next, place: { ...next.place, index } }, answer, predictor)] };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { refused: error.message };
  }
}

/** As `vega-merc predict --format jsonl` prints it. */
function lineOf({ place, missing, face }: HeardUtterance, answer: Prediction, { about }: Predictor): string {
  const whole = {
    ...answer,
    evidence: { ...answer.evidence, ...(face && { face }) },
    ...(missing && { missing: { ...answer.missing, ...missing } }),
  };
  return JSON.stringify(predictionLine(place, whole, about));
}
