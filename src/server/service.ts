import type { Conversations } from './conversations.js';
import type { Budget } from './http/body.js';
import type { Parser } from './http/parser.js';
import { Problem } from './http/problems.js';
import type { Limits } from './limits.js';
import type { Log } from './log.js';
import type { UploadFolder } from './media/folder.js';
import type { MediaQueue } from './media/queue.js';
import type { Metrics } from './metrics.js';
import type { PredictQueue } from './work/queue.js';
import type { ModelInfo, ServedModel } from './work/tasks.js';

/** What the routes work with. */
export interface Service {
  limits: Limits;
  models: readonly ServedModel[];
  queue: PredictQueue;
  media: MediaQueue;
  uploads: UploadFolder;
  conversations: Conversations;
  parser: Parser;
  budget: Budget;
  metrics: Metrics;
  log: Log;
  /** Nothing new is taken any more. */
  draining: boolean;
}

/** A served model by its name; the first where none is given. @throws Problem where there is none. */
export function modelOf(
  { models, queue }: Service,
  name: string | undefined,
): { served: ServedModel; info: ModelInfo } {
  const at = name === undefined ? 0 : models.findIndex((model) => model.name === name);
  if (at < 0)
    throw new Problem(
      'refused',
      `There is no such model; GET /v1/models names them: ${models.map((one) => one.name).join(', ')}.`,
    );
  return { served: models[at], info: queue.models[at] };
}
