/** How loud a sound is: the root of its mean square. */
export function levelOf(sound: Float32Array): number {
  return Math.sqrt(sound.reduce((sum, x) => sum + x * x, 0) / sound.length);
}

/** The sound made as loud as that, cut off at full scale. */
export function atLevel(sound: Float32Array, level: number): Float32Array {
  const gain = level / (levelOf(sound) || 1);
  return sound.map((x) => Math.max(-1, Math.min(1, x * gain)));
}

/** Of what lies between loud and quiet, in dB, half goes; … */
const EVENED = 0.5;
/** … nothing is taken for quieter than this share of the loudest: noise stays noise. */
const QUIETEST = 0.02;
/** How fast the loudness is followed up and down, a sample of 16 kHz: 6 and 125 ms. */
const [RISE, FALL] = [1 / 100, 1 / 2000];
/** It is known this many samples ahead, 5 ms: an onset is not louder than what follows it. */
const AHEAD = 80;

/** The sound with its quiet parts nearer to its loud ones: a voice that begins softly and then shouts is loud throughout. */
export function evened(sound: Float32Array): Float32Array {
  let [now, loudest] = [0, 0];
  const loudness = sound.map((x) => {
    const size = Math.abs(x);
    now += (size > now ? RISE : FALL) * (size - now);
    loudest = Math.max(loudest, now);
    return now;
  });
  const least = QUIETEST * loudest || 1;
  return sound.map((x, i) => x * Math.max(least, loudness[Math.min(i + AHEAD, sound.length - 1)]) ** -EVENED);
}

/** The sound as if it were said in so much of its time, and higher by as much. @param share of 1: 0.9. */
export function hurried(sound: Float32Array, share: number): Float32Array {
  return Float32Array.from({ length: Math.floor(sound.length * share) }, (_, i) => {
    const at = i / share;
    const before = Math.floor(at);
    const next = Math.min(before + 1, sound.length - 1);
    return sound[before] + (at - before) * (sound[next] - sound[before]);
  });
}
