import { describe, expect, it } from 'vitest';
import { followSpeakers, tellSpeakers, type VoiceSample } from '../../../src/encoders/hearing/speakers.js';
import { unit, VOICE_DIM } from '../../../src/encoders/hearing/voices.js';

/** A voice near the axis of a person; `off` says how far towards a direction of its own. */
function sample(person: number, off: number, spoken = 2): VoiceSample {
  const voice = new Float32Array(VOICE_DIM);
  voice[person] = 1;
  voice[100 + Math.round(off * 10) + 20 * person] = off;
  return { voice: unit(voice), spoken };
}

describe('telling speakers apart', () => {
  it('numbers people in the order in which they first speak', () => {
    const samples = [sample(5, 0.1), sample(2, 0.2), sample(5, 0.3), sample(9, 0.1), sample(2, 0.4)];
    expect(tellSpeakers(samples)).toEqual([0, 1, 0, 2, 1]);
  });

  it('makes as many as are known to speak', () => {
    const samples = [sample(1, 0), sample(2, 0), sample(1, 0.9), sample(2, 0.9), sample(1, 0.5)];
    expect(tellSpeakers(samples, { count: 2 })).toEqual([0, 1, 0, 1, 0]);
    expect(new Set(tellSpeakers(samples, { count: 1 }))).toEqual(new Set([0]));
    expect(new Set(tellSpeakers(samples, { count: 9 })).size).toBe(5);
  });

  it('gives very short utterances to the nearest', () => {
    const samples = [sample(1, 0.1), sample(2, 0.1), sample(3, 0, 0.3), sample(2, 1.5, 0.4)];
    const told = tellSpeakers(samples);
    expect(told[3]).toBe(1);
    expect(Math.max(...told)).toBe(1);
  });

  it('knows one utterance, and none', () => {
    expect(tellSpeakers([])).toEqual([]);
    expect(tellSpeakers([sample(1, 0, 0.2)])).toEqual([0]);
    expect(tellSpeakers([sample(1, 0), sample(1, 0.1)])).toEqual([0, 0]);
  });

  it('gives what is more than it compares to the nearest', () => {
    const samples = Array.from({ length: 700 }, (_, i) => sample(1 + (i % 3), 0.1, 2 + i / 1000));
    expect(tellSpeakers(samples)).toEqual(samples.map((_, i) => i % 3));
  });

  it('follows a conversation that is still going on', () => {
    const follow = followSpeakers();
    const samples = [sample(5, 0.1), sample(2, 0.2), sample(5, 0.3), sample(8, 0, 0.3), sample(9, 0.1), sample(2, 0.4)];
    expect(samples.map(follow)).toEqual([0, 1, 0, 0, 2, 1]);
  });
});
