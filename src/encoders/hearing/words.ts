import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { openSingleThreaded } from '../session.js';
import { recogniserNetworks, recogniserTokens } from './networks.js';

/** What was said in a stretch of sound. */
export interface Words {
  /** With capitals and punctuation; empty where nothing was understood. */
  text: string;
  /** Geometric mean of the tokens' probabilities, 0 to 1. */
  confidence: number;
}

/** Turns speech into words. */
export interface Recogniser {
  /** @param sound of one utterance: 16 kHz, best less than 20 s. */
  recognise(sound: Float32Array): Promise<Words>;
  dispose(): Promise<void>;
}

const LAYERS = 6;
const [HEADS, HEAD_DIM] = [8, 36];
const [BEGIN, END] = [1, 2];
/** Nobody speaks faster: the authors' guard against endless answers (arXiv 2410.15608). */
const TOKENS_PER_SECOND = 6.5;
/** Less sound gives no frame. */
const SHORTEST = 1600;
/** A phrase of so many tokens at most that comes so often in a row is the network's stutter, and kept once. */
const LONGEST_PHRASE = 8;
const TIMES_IN_A_ROW = 4;
/** Words less sure than this were not there: noise, music and laughter also get some. */
const LEAST_CONFIDENCE = 0.4;

/**
 * Opens Moonshine tiny (Jeffries et al., arXiv 2410.15608), 8-bit: English speech to text, offline. The likeliest token
 * is taken each time.
 */
export async function openRecogniser(): Promise<Recogniser> {
  const [networks, tokens] = await Promise.all([recogniserNetworks(), recogniserTokens()]);
  const encoder = await openSingleThreaded(networks.encoder);
  // Unpacked once, its table of words makes a run half as long; all else stays the same.
  const decoder = await openSingleThreaded(networks.decoder, { keepMemory: true, unpack: true });
  return {
    async recognise(sound) {
      if (sound.length < SHORTEST) return { text: '', confidence: 0 };
      const feeds = { input_values: new Tensor('float32', sound, [1, sound.length]) };
      const { last_hidden_state: states } = await encoder.run(feeds);
      const most = Math.ceil((sound.length / 16_000) * TOKENS_PER_SECOND);
      const { ids, confidence } = await decode(decoder, states as Tensor, most);
      return { text: confidence < LEAST_CONFIDENCE ? '' : tokens.decode([BEGIN, ...ids]).trim(), confidence };
    },
    async dispose() {
      await encoder.release();
      await decoder.release();
    },
  };
}

/**
 * One token after the other; what attention has seen is kept from run to run.
 * @param states [1, frames, 288]; @param most tokens at most.
 */
async function decode(
  decoder: InferenceSession,
  states: Tensor,
  most: number,
): Promise<{ ids: number[]; confidence: number }> {
  const seen: Record<string, Tensor> = {};
  for (let layer = 0; layer < LAYERS; layer++) {
    for (const part of ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']) {
      seen[`${layer}.${part}`] = new Tensor('float32', new Float32Array(0), [0, HEADS, 1, HEAD_DIM]);
    }
  }
  const ids: number[] = [];
  let [last, sum, count] = [BEGIN, 0, 0];
  while (ids.length < most) {
    const past = Object.entries(seen).map(([name, tensor]) => [`past_key_values.${name}`, tensor]);
    const outputs = await decoder.run({
      ...Object.fromEntries(past),
      input_ids: new Tensor('int64', BigInt64Array.of(BigInt(last)), [1, 1]),
      encoder_hidden_states: states,
      use_cache_branch: new Tensor('bool', [count > 0]),
    });
    const { id, logProbability } = likeliest(outputs.logits.data as Float32Array);
    for (const name of Object.keys(seen)) {
      // What was seen of the sound is the same in every run.
      if (count === 0 || name.includes('decoder')) seen[name] = outputs[`present.${name}`] as Tensor;
    }
    sum += logProbability;
    count++;
    if (id === END) break;
    ids.push(id);
    last = id;
    const stutter = stutterIn(ids);
    if (stutter === undefined) continue;
    ids.length = stutter;
    break;
  }
  return { ids, confidence: count === 0 ? 0 : Math.exp(sum / count) };
}

function likeliest(logits: Float32Array): { id: number; logProbability: number } {
  let id = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[id]) id = i;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - logits[id]);
  return { id, logProbability: -Math.log(sum) };
}

/** @returns how many tokens to keep, where they end in the same phrase again and again. */
export function stutterIn(ids: readonly number[]): number | undefined {
  for (let size = 1; size <= LONGEST_PHRASE; size++) {
    const begin = ids.length - size * TIMES_IN_A_ROW;
    if (begin < 0) return undefined;
    let same = true;
    for (let i = begin + size; same && i < ids.length; i++) same = ids[i] === ids[i - size];
    if (same) return begin + size;
  }
  return undefined;
}
