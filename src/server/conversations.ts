import { randomBytes } from 'node:crypto';
import { busy, Problem, tooMany } from './http/problems.js';
import type { Limits } from './limits.js';
import type { LiveWork } from './work/queue.js';
import type { HeardUtterance, ModelInfo } from './work/tasks.js';

/** Why a conversation is over. */
export type Ending = 'deleted' | 'expired' | 'stopping';

/** A conversation that goes on. */
export interface Conversation {
  readonly id: string;
  readonly model: string;
  readonly dialogue: string;
  readonly length: number;
  /** The answers so far, each as JSON. */
  readonly lines: readonly string[];
  readonly ended: Ending | undefined;
  /**
   * Says the next utterance.
   * @param index the place that it is to have. @throws Problem where it cannot be said.
   */
  say(heard: HeardUtterance, index?: number): Promise<string>;
  /** Resolves with the next answer, or when the conversation ends. */
  next(): Promise<void>;
}

export interface Conversations {
  readonly size: number;
  /** @param client whoever begins it. @throws Problem where there are too many. */
  begin(model: ModelInfo, dialogue: string, client: string): Conversation;
  /** @throws Problem where there is none. */
  get(id: string): Conversation;
  end(id: string, why: Ending): void;
  /** Ends them all. */
  close(): void;
}

interface Own extends Conversation {
  client: string;
  finish(why: Ending): void;
}

/** @param start of what computes a conversation's answers. */
export function createConversations(limits: Limits, start: (id: string, model: string) => LiveWork): Conversations {
  const all = new Map<string, Own>();
  const end = (id: string, why: Ending) => {
    const one = all.get(id);
    all.delete(id);
    one?.finish(why);
  };
  return {
    get size() {
      return all.size;
    },
    begin(model, dialogue, client) {
      if (model.notLive !== undefined) throw new Problem('refused', model.notLive);
      if (all.size >= limits.conversations)
        throw busy(`The server keeps ${limits.conversations} conversations, and as many go on.`, 30);
      const own = [...all.values()].filter((one) => one.client === client).length;
      if (own >= limits.conversationsEach)
        throw tooMany(`Of one client ${limits.conversationsEach} conversations may go on; end one of them first.`, 30);
      // Whoever knows it may take part.
      const id = randomBytes(16).toString('base64url');
      const conversation = create({ id, model: model.name, dialogue, client }, start(id, model.name), limits, () =>
        end(id, 'expired'),
      );
      all.set(id, conversation);
      return conversation;
    },
    get(id) {
      const conversation = all.get(id);
      if (conversation === undefined)
        throw new Problem(
          'not-found',
          'There is no such conversation; it may have ended, or nothing was said in it for too long.',
        );
      return conversation;
    },
    end,
    close() {
      for (const id of [...all.keys()]) end(id, 'stopping');
    },
  };
}

function create(
  named: { id: string; model: string; dialogue: string; client: string },
  work: LiveWork,
  limits: Limits,
  expire: () => void,
): Own {
  const lines: string[] = [];
  let listeners: (() => void)[] = [];
  let ended: Ending | undefined;
  let said = 0;
  const tell = () => {
    const told = listeners;
    listeners = [];
    for (const listener of told) listener();
  };
  let timer = setTimeout(expire, limits.idle).unref();
  const touch = () => {
    clearTimeout(timer);
    if (ended === undefined) timer = setTimeout(expire, limits.idle).unref();
  };
  return {
    ...named,
    lines,
    get length() {
      return lines.length;
    },
    get ended() {
      return ended;
    },
    async say(heard, index = said) {
      if (index !== said)
        throw new Problem(
          'conflict',
          `${said} utterances were said or are being said, so that the next one has index ${said}, not ${index}.`,
        );
      if (said >= limits.utterances)
        throw new Problem('conflict', `The conversation has its ${limits.utterances} utterances; begin another one.`);
      said++;
      touch();
      try {
        const line = await work.say({ ...heard, place: { ...heard.place, dialogue: named.dialogue } });
        lines.push(line);
        tell();
        return line;
      } catch (error) {
        said--;
        throw error;
      } finally {
        touch();
      }
    },
    next() {
      return ended !== undefined ? Promise.resolve() : new Promise((resolve) => listeners.push(resolve));
    },
    finish(why) {
      ended = why;
      clearTimeout(timer);
      work.end();
      tell();
    },
  };
}
