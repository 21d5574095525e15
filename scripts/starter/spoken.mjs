// The voices from where speech begins to where it ends, as they are heard in a recording without a transcript: features
// of a whole clip tell the silence around it, too, and a model that knows no others is strange to what is cut so.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openVoiceActivity, STEP } from '../../dist/encoders/hearing/activity.js';
import { findPieces, STEPS_PER_SECOND } from '../../dist/encoders/hearing/pieces.js';
import { decodeSound } from '../../dist/encoders/media/decode.js';

/** Writes spoken.jsonl: the clips of ravdess.jsonl with `start` and `end` of their speech, in seconds. */
export async function findSpeech(manifests) {
  const lines = readFileSync(join(manifests, 'ravdess.jsonl'), 'utf8').trimEnd().split('\n');
  const activity = await openVoiceActivity();
  const spoken = [];
  for (const line of lines) {
    const clip = JSON.parse(line);
    const pieces = await piecesOf(activity.begin(), join(manifests, clip.media));
    if (pieces.length === 0) continue;
    const [{ first }, { past }] = [pieces[0], pieces[pieces.length - 1]];
    spoken.push({ ...clip, start: first / STEPS_PER_SECOND, end: past / STEPS_PER_SECOND });
  }
  await activity.dispose();
  writeFileSync(join(manifests, 'spoken.jsonl'), spoken.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

async function piecesOf(probability, media) {
  const finder = findPieces(Number.POSITIVE_INFINITY);
  const pieces = [];
  const step = new Float32Array(STEP);
  let held = 0;
  for await (const samples of decodeSound(media, {})) {
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + STEP - held);
      step.set(part, held);
      held += part.length;
      at += part.length;
      if (held < STEP) continue;
      held = 0;
      const piece = finder.push(await probability(step));
      if (piece) pieces.push(piece);
    }
  }
  const last = finder.finish();
  return last ? [...pieces, last] : pieces;
}
