import { openVoiceActivity } from './activity.js';
import { type Ears, type HeardUtterance, listenWith } from './listen.js';
import type { SpeakerOptions } from './speakers.js';
import { openVoiceReader } from './voices.js';
import { openRecogniser } from './words.js';

export interface HearingOptions {
  /** Ends the listening; what is thrown is its reason. */
  signal?: AbortSignal;
}

/** Hears who says what. */
export interface Hearing {
  /**
   * @param sound 16 kHz, one channel, -1 to 1, in pieces of any length as they come.
   * @returns utterances as soon as they have ended, in order. What is kept of the sound does not grow with it.
   */
  listen(sound: AsyncIterable<Float32Array>, speakers?: SpeakerOptions): AsyncGenerator<HeardUtterance>;
  dispose(): Promise<void>;
}

/**
 * Opens what hears: voice activity (Silero), English words (Moonshine tiny) and voices (Resemblyzer), all from
 * installed files.
 * @throws InputError with what to install, where it is missing.
 *
 * @example
 * const hearing = await createHearing();
 * for await (const { start, end, speaker, text } of hearing.listen(microphone)) console.log(start, end, speaker, text);
 * // 0.96 2.34 0 'Kids are talking by the door.'
 */
export async function createHearing({ signal }: HearingOptions = {}): Promise<Hearing> {
  const ears: Ears = {
    activity: await openVoiceActivity(),
    recogniser: await openRecogniser(),
    voices: await openVoiceReader(),
  };
  return {
    listen: (sound, speakers) => listenWith(ears, sound, { speakers, signal }),
    async dispose() {
      for (const part of Object.values(ears)) await part.dispose();
    },
  };
}
