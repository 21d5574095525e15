import { InputError } from '../../base/errors.js';
import type { SourceUtterance } from '../../encoders/sources/source.js';
import type { NamedConversation } from '../formats/lines.js';

/** A conversation that was read from a recording. */
export interface Recording extends NamedConversation {
  /** What a reader must be told: that words and speakers are estimated. */
  notes: string[];
}

export interface RecordingOptions {
  /** SRT or WebVTT; without it a file beside the recording with the same name is taken. Without both it is listened to. */
  transcript?: string;
  /** Of a recording without a transcript: how many people speak, or their names in the order in which they first speak. */
  speakers?: number | readonly string[];
  /** Takes a recording without a transcript as one utterance, without words and speakers. */
  whole?: boolean;
  /** Where what was heard is kept; the user's cache folder when left out. */
  cache?: string;
  signal?: AbortSignal;
  /** Called when the listening begins, which takes a while. */
  onListen?: (media: string) => void;
}

/**
 * Reads a recording as a conversation: its transcript where there is one; else utterances, English words and speakers are
 * heard in it, and `estimated` in their places.
 *
 * ```ts
 * const { utterances, places } = await readRecording('talk.mp4');
 * console.log(places[0]); // { dialogue: 'talk', index: 0, speaker: 'speaker 1', text: 'You came!', estimated: …, start: …
 * await using model = await open('runs/1');
 * const answers = await model.predict(utterances);
 * ```
 * @throws InputError where it cannot be read, or what hears is not installed.
 */
export async function readRecording(path: string, options: RecordingOptions = {}): Promise<Recording> {
  const { conversations, notes } = await readConversations(path, options);
  if (conversations.length === 1) return { ...conversations[0], notes };
  throw new InputError(`${path} holds ${conversations.length} conversations, and is no recording.`);
}

/** The conversations of whatever `extract` starts from. Only what is needed of the encoders is loaded. */
export async function readConversations(
  path: string,
  { transcript, whole, speakers, ...options }: RecordingOptions,
): Promise<{ conversations: NamedConversation[]; notes: string[] }> {
  const { readSource } = await import('../../encoders/sources/index.js');
  const source = readSource(path, transcript);
  const { unheard } = source;
  if (speakers === undefined && (unheard === undefined || whole))
    return { conversations: grouped(source.utterances), notes: [] };
  const { hearSource } = await import('../../encoders/extract/hear.js');
  const { featureCache } = await import('../../encoders/extract/cache.js');
  const cache = options.cache ?? featureCache();
  const heard = await hearSource({ ...source, unheard: whole ? undefined : unheard }, { ...options, speakers, cache });
  return { conversations: grouped(heard.source.utterances), notes: heard.notes };
}

function grouped(utterances: readonly SourceUtterance[]): NamedConversation[] {
  const conversations = new Map<string, NamedConversation>();
  for (const utterance of utterances) {
    const { dialogue, speaker, text, estimated, label, sound, pictures } = utterance;
    const conversation = conversations.get(dialogue) ?? { utterances: [], places: [] };
    conversations.set(dialogue, conversation);
    const clip = pictures ?? sound ?? utterance;
    const fileOf = ({ media, start, end }: NonNullable<typeof sound>) => ({ file: media, start, end });
    conversation.places.push({
      dialogue,
      index: conversation.places.length,
      speaker,
      text,
      estimated,
      start: clip?.start,
      end: clip?.end,
      label,
    });
    conversation.utterances.push({
      speaker,
      text,
      ...(sound && sound !== pictures && { audio: fileOf(sound) }),
      ...(pictures && { video: fileOf(pictures) }),
    });
  }
  return [...conversations.values()];
}
