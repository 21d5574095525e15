import { existsSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import { MODALITIES } from '../base/modalities.js';
import { readText } from '../base/read.js';
import type { Engine } from '../graph/index.js';
import { nodeEngine } from '../graph/node.js';
import type { Provider } from '../graph/providers.js';
import { readSafetensors } from '../interchange/files.js';
import { asFloat32, type NdArray } from '../interchange/index.js';
import { averageMixture, maximumMixture, softmaxRows } from '../metrics/mixture.js';
import { type Batch, createVega, released, type Vega } from '../vega/index.js';
import { configOfReleased, releasedHyperSchema } from './released-hyper.js';

/** One compared quantity: its worst difference and what is allowed. */
export interface GoldenLine {
  quantity: string;
  difference: number;
  tolerance: number;
}

/** Agreement that ../shared/golden/README asks for. */
const TOLERANCE = { output: 1e-5, loss: 1e-5, gradient: 1e-4, parameter: 1e-5 };

const caseSchema = z.looseObject({
  classes: z.array(z.string()),
  n_speakers: z.number(),
  dialogue_lengths: z.array(z.number()),
  class_weights: z.array(z.number()),
  hyper: releasedHyperSchema,
  losses: z.array(z.record(z.string(), z.number())),
});
type Case = z.infer<typeof caseSchema>;

/**
 * Runs forward, losses, gradients and optimiser steps of a golden case through the engine.
 * @param path of the case without ending: `path.json` and `path.safetensors`. @param provider where it is computed.
 */
export async function checkGolden(path: string, provider: Provider = 'cpu'): Promise<GoldenLine[]> {
  for (const ending of ['.json', '.safetensors']) {
    if (!existsSync(path + ending))
      throw new InputError(`${path}${ending} does not exist; name a case without ending.`);
  }
  const meta = parseJson(caseSchema, readText(`${path}.json`), `${path}.json`);
  const { dropout, outlayer_drop, clip_proj_drop } = meta.hyper;
  if (dropout + outlayer_drop + clip_proj_drop > 0)
    throw new InputError(`${path}.json has dropout: nothing to compare.`);
  const { tensors } = readSafetensors(`${path}.safetensors`);
  return compare(meta, tensors, nodeEngine({ provider }));
}

async function compare(meta: Case, tensors: Map<string, NdArray>, engine: Engine): Promise<GoldenLine[]> {
  const get = (name: string): Float32Array => {
    const tensor = tensors.get(name);
    if (!tensor) throw new InputError(`The golden case has no tensor "${name}".`);
    return asFloat32(tensor);
  };
  const { hyper, dialogue_lengths: lengths } = meta;
  const modalities = MODALITIES.filter((m) => tensors.has(`input.${m}`));
  const width = (name: string) => (tensors.get(name) as NdArray).shape.at(-1) as number;
  const longest = (tensors.get('input.utterance_mask') as NdArray).shape[1];
  const rows = lengths.flatMap((length, d) => Array.from({ length }, (_, i) => d * longest + i));
  const pack = (values: Float32Array, columns: number) => {
    const out = new Float32Array(rows.length * columns);
    rows.forEach((row, i) => {
      out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
    });
    return out;
  };

  const classes = meta.classes.length;
  const anchored = hyper.clip_loss;
  const shape = {
    classes,
    speakers: meta.n_speakers,
    dims: Object.fromEntries(modalities.map((m) => [m, width(`input.${m}`)])),
    ...(anchored ? { anchorDim: width('anchor.center') } : {}),
  };
  const vega = createVega(configOfReleased(meta.hyper), shape, engine, { gradients: true });
  try {
    checkComplete(vega.parameters.names, meta, tensors);
    for (const name of vega.parameters.names) vega.parameters.value(name).set(get(`param.${name}`));
    const onehot = pack(get('input.speaker_onehot'), meta.n_speakers);
    const batch: Batch = {
      lengths,
      speakers: Int32Array.from(rows, (_, i) => onehot.subarray(i * meta.n_speakers).indexOf(1)),
      features: Object.fromEntries(modalities.map((m) => [m, pack(get(`input.${m}`), width(`input.${m}`))])),
      labels: Int32Array.from(pack(get('input.label'), 1)),
    };
    const anchors = anchored ? get('anchor.center') : null;

    const lines: GoldenLine[] = await outputs(vega, batch, anchors, (name) => pack(get(name), width(name)));
    const { worst: lossWorst, gradient, parameter } = await steps(vega, batch, anchors, meta, tensors, get);
    lossWorst.forEach((difference, i) => {
      lines.push({ quantity: `loss terms, step ${i + 1}`, difference, tolerance: TOLERANCE.loss });
    });
    lines.push({
      quantity: `gradient, worst: ${gradient.name}`,
      difference: gradient.difference,
      tolerance: TOLERANCE.gradient,
    });
    for (const { name, step, difference } of parameter) {
      lines.push({
        quantity: `parameters after step ${step}, worst: ${name}`,
        difference,
        tolerance: TOLERANCE.parameter,
      });
    }
    return lines;
  } finally {
    await vega.dispose();
  }
}

/**
 * Refuses a case that lacks a tensor, for what is not compared cannot disagree: every parameter, every output, the
 * gradient of every parameter that has one, and parameters after the first and the last step (those between may be left
 * out, all of them or none).
 */
function checkComplete(names: readonly string[], meta: Case, tensors: ReadonlyMap<string, NdArray>): void {
  const { clip_loss: anchored } = meta.hyper;
  const last = meta.losses.length;
  const steps = meta.losses
    .map((_, i) => i + 1)
    .filter((step) => {
      const some = names.some((name) => tensors.has(`step${step}.${name}`));
      return step === 1 || step === last || some;
    });
  const heads = ['text', 'audio', 'visual', 'fused'];
  const wanted = [
    ...names.map((name) => `param.${name}`),
    ...names.filter((name) => hasGradient(name, anchored)).map((name) => `grad.${name}`),
    ...steps.flatMap((step) => names.map((name) => `step${step}.${name}`)),
    'output.fused_representation',
    ...heads.map((head) => `output.${head}_logits`),
    ...(anchored ? ['anchor.center', 'output.average_prob', 'output.max_prob'] : []),
    ...(anchored ? heads.map((head) => `output.${head}_anchor_logits`) : []),
  ];
  const missing = wanted.filter((name) => !tensors.has(name));
  if (last === 0) throw new InputError('The golden case has no losses, so nothing of training can be compared.');
  if (missing.length > 0) {
    throw new InputError(
      `The golden case lacks ${missing.length} of ${wanted.length} tensors (${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ', …' : ''}), so it proves nothing of them.`,
    );
  }
}

/** The first norm of a unimodal encoder is idle, the gate is fitted after training, temperatures belong to anchors. */
function hasGradient(name: string, anchored: boolean): boolean {
  return released.isTemperature(name) ? anchored : !released.isIdle(name);
}

/** ‖a − b‖ / ‖b‖. */
function relative(a: Float32Array, b: Float32Array, floor = 1e-12): number {
  let difference = 0;
  let length = 0;
  b.forEach((v, i) => {
    difference += (a[i] - v) ** 2;
    length += v ** 2;
  });
  return Math.sqrt(difference) / (Math.sqrt(length) + floor);
}

async function outputs(
  vega: Vega,
  batch: Batch,
  anchors: Float32Array | null,
  want: (name: string) => Float32Array,
): Promise<GoldenLine[]> {
  const out = await vega.predict(batch, anchors);
  const lines: GoldenLine[] = [];
  const line = (quantity: string, got: Float32Array, name: string) => {
    lines.push({ quantity, difference: relative(got, want(name)), tolerance: TOLERANCE.output });
  };
  line('fused representation', out.fused, 'output.fused_representation');
  for (const [b, z] of Object.entries(out.logits)) line(`${b} logits`, z, `output.${b}_logits`);
  for (const [b, z] of Object.entries(out.anchorLogits ?? {}))
    line(`${b} anchor logits`, z, `output.${b}_anchor_logits`);
  const fused = out.anchorLogits?.fused;
  if (fused) {
    const { classes } = vega.shape;
    const p = softmaxRows(out.logits.fused as Float32Array, classes);
    const q = softmaxRows(fused, classes);
    line('average mixture', averageMixture(p, q, vega.parameters.value(released.mixture)[0]), 'output.average_prob');
    line('maximum mixture', maximumMixture(p, q, classes), 'output.max_prob');
  }
  return lines;
}

/** The temperatures' gradients are tiny differences of large sums: what is below this is rounding. */
const gradientFloor = (name: string): number => (released.isTemperature(name) ? 1e-3 : 1e-12);

/**
 * Adam's first steps have the size of the learning rate whatever the size of a gradient, so an element whose gradient
 * is below the agreement asked of gradients may step either way. PyTorch itself does, between one thread and two.
 * @param gradient the case's; @returns whether the step of element j is determined.
 */
function determinedElements(name: string, gradient: Float32Array | undefined): (j: number) => boolean {
  if (!gradient) return () => true;
  const rms = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0) / gradient.length);
  const rounding = TOLERANCE.gradient * (rms + gradientFloor(name));
  return (j) => Math.abs(gradient[j]) > rounding || gradient[j] === 0;
}

async function steps(
  vega: Vega,
  batch: Batch,
  anchors: Float32Array | null,
  meta: Case,
  tensors: Map<string, NdArray>,
  get: (name: string) => Float32Array,
) {
  // A key bias shifts every score of a query alike: its true gradient is zero, and Adam makes full steps of the noise.
  const names = vega.parameters.names.filter((name) => !released.isKeyBias(name));
  const worst: number[] = [];
  let gradient = { name: '', difference: 0 };
  const parameter: { name: string; step: number; difference: number; leftOut: number }[] = [];
  for (const [i, want] of meta.losses.entries()) {
    const terms = await vega.trainStep(batch, anchors, {
      seed: 0,
      step: i + 1,
      learningRate: meta.hyper.lr,
      weightDecay: meta.hyper.l2,
      classWeights: Float32Array.from(meta.class_weights),
    });
    const differences = Object.entries(want).map(([k, v]) => Math.abs(terms[k] - v) / Math.max(1, Math.abs(v)));
    worst.push(Math.max(...differences.map((d) => (Number.isNaN(d) ? Number.POSITIVE_INFINITY : d))));
    if (i === 0) {
      for (const name of names.filter((name) => hasGradient(name, anchors !== null))) {
        const difference = relative(vega.parameters.gradient(name), get(`grad.${name}`), gradientFloor(name));
        if (!(difference <= gradient.difference)) gradient = { name, difference };
      }
    }
    await vega.readBack();
    const stepped = names.filter((name) => tensors.has(`step${i + 1}.${name}`));
    const moved = stepped.map((name) => {
      const value = get(`step${i + 1}.${name}`);
      const gradient = tensors.has(`grad.${name}`) ? get(`grad.${name}`) : undefined;
      const determined = determinedElements(name, gradient);
      let difference = 0;
      let leftOut = 0;
      vega.parameters.value(name).forEach((v, j) => {
        if (determined(j)) difference = Math.max(difference, Math.abs(v - value[j]));
        else leftOut++;
      });
      return { name, step: i + 1, difference, leftOut };
    });
    if (moved.length > 0) {
      const leftOut = moved.reduce((total, m) => total + m.leftOut, 0);
      parameter.push({ ...moved.reduce((a, b) => (b.difference > a.difference ? b : a)), leftOut });
    }
  }
  return { worst, gradient, parameter };
}
