/** How loud a sound is: the root of its mean square. */
export function levelOf(sound: Float32Array): number {
  return Math.sqrt(sound.reduce((sum, x) => sum + x * x, 0) / sound.length);
}

/** The sound made as loud as that, cut off at full scale. */
export function atLevel(sound: Float32Array, level: number): Float32Array {
  const gain = level / (levelOf(sound) || 1);
  return sound.map((x) => Math.max(-1, Math.min(1, x * gain)));
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
