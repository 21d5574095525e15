import type { Branch, Modality } from '../base/modalities.js';
import { ops, type Tensor } from '../graph/index.js';
import type { Builder } from './builder.js';
import type { BranchLossConfig } from './config.js';
import type { Forward } from './forward.js';
import { released } from './names.js';

const { add, exp, logSoftmax, mul, neg, reduceSum, scale, sub, sum } = ops;

/** The terms of the loss by name, each a scalar, and their weighted sum. */
export interface Losses {
  terms: Map<string, Tensor>;
  total: Tensor;
}

const CE_WEIGHT = { fused: 'fusedCe', text: 'textCe', audio: 'audioCe', visual: 'visualCe' } as const;
const KL_WEIGHT = { text: 'textKl', audio: 'audioKl', visual: 'visualKl' } as const;

/** All terms: in the label space, and with the same two formulas in the anchor space. */
export function losses(c: Builder, { logits, anchorLogits }: Forward): Losses {
  const terms = new Map<string, Tensor>();
  const parts = [space(c, terms, '', logits, c.config.classLoss, released.temperature)];
  if (anchorLogits.size > 0) {
    const anchored = space(c, terms, 'anchor_', anchorLogits, c.config.anchorLoss, released.anchorTemperature);
    parts.push(c.config.anchorWarmup > 0 ? mul(anchored, c.input('anchorWeight', [])) : anchored);
  }
  return { terms, total: sum(parts) };
}

/**
 * λ_ce·Σ_b λ_b·CE(b) + λ_kl·Σ_m λ_m·KL(fused → m), over the branches b and the modalities m.
 * @param prefix of the terms' names; @param temperature name of the learned log-temperature a modality.
 */
function space(
  c: Builder,
  terms: Map<string, Tensor>,
  prefix: string,
  logits: Map<Branch, Tensor>,
  weights: BranchLossConfig,
  temperature: (m: Modality) => string,
): Tensor {
  const term = (name: string, value: Tensor, weight: number) => {
    terms.set(`${prefix}${name}`, value);
    return scale(value, weight);
  };
  const ce = [...logits].map(([branch, z]) =>
    term(`ce.${branch === 'fused' ? 'all' : branch}`, crossEntropy(c, z, branch), weights[CE_WEIGHT[branch]]),
  );
  const teacher = logits.get('fused') as Tensor;
  const kl = c.modalities.map((m) =>
    term(`kl.${m}`, distillation(c, logits.get(m) as Tensor, teacher, temperature(m), m), weights[KL_WEIGHT[m]]),
  );
  return add(scale(sum(ce), weights.ce), scale(sum(kl), weights.kl));
}

/**
 * Cross-entropy with class weights w: −Σ_n w_y(n)·log p_n(y(n)) / Σ_n w_y(n), over labelled utterances that have the
 * branch's modality. The input holds the one-hot labels times w_y/Σ w.
 * @param logits [N, C]; @returns scalar.
 */
function crossEntropy(c: Builder, logits: Tensor, branch: Branch): Tensor {
  const target = c.input(`target${suffix(c, branch)}`, ['utterances', c.shape.classes]);
  return neg(total(mul(target, logSoftmax(logits))));
}

/**
 * Self-distillation, student = one modality, teacher = fused (its gradient flows): the mean over utterances and
 * classes of p·(log p − log q)·T², with p = softmax(teacher/T), q = softmax(student/T) and T = e^logT learned.
 * @param student [N, C]; @param teacher [N, C]; @returns scalar.
 */
function distillation(c: Builder, student: Tensor, teacher: Tensor, logT: string, modality: Modality): Tensor {
  const logTemperature = c.weight(logT); // []
  const inverse = exp(neg(logTemperature));
  const logP = logSoftmax(mul(teacher, inverse)); // [N, C]
  const logQ = logSoftmax(mul(student, inverse)); // [N, C]
  const share = c.input(`share${suffix(c, modality)}`, ['utterances', 1]); // 1/(utterances counted · C), or 0
  const divergence = total(mul(mul(exp(logP), sub(logP, logQ)), share));
  return mul(divergence, exp(scale(logTemperature, 2)));
}

/** The sum of [N, C], in two stages: one reduction over many floats loses digits on some backends. */
const total = (x: Tensor): Tensor => reduceSum(reduceSum(x, [1]), [0]);

/** Modalities that are always there share the fused branch's labels. */
const suffix = (c: Builder, branch: Branch) => (branch !== 'fused' && c.isPartial(branch) ? `.${branch}` : '');
