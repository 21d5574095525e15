import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { type Branch, MODALITIES, type Modality } from '../base/modalities.js';
import { ACTIVATIONS, type VegaConfig } from '../vega/index.js';

/** Hyper-parameters as the released implementation names them: in golden cases and in the peer's workloads. */
export const releasedHyperSchema = z.looseObject({
  hidden_dim: z.number(),
  n_head: z.number(),
  dropout: z.number(),
  outlayer_num: z.number(),
  outlayer_activation_fn: z.enum(ACTIVATIONS),
  outlayer_drop: z.number(),
  clip_proj_layer_num: z.number(),
  clip_proj_activation_fn: z.enum(ACTIVATIONS),
  clip_proj_drop: z.number(),
  clip_loss: z.boolean(),
  lr: z.number(),
  l2: z.number(),
});

/** The same, in this project's names. */
export function configOfReleased(hyper: z.infer<typeof releasedHyperSchema>): VegaConfig {
  const number = (key: string): number => {
    const value = hyper[key];
    if (typeof value !== 'number') throw new InputError(`The hyper-parameters have no number "${key}".`);
    return value;
  };
  const letter: Record<Branch, string> = { text: 't', audio: 'a', visual: 'v', fused: 'all' };
  const each = <K extends string>(key: (m: Modality) => K, name: (l: string) => string) =>
    Object.fromEntries(MODALITIES.map((m) => [key(m), number(name(letter[m]))])) as Record<K, number>;
  return {
    hidden: hyper.hidden_dim,
    attentionHeads: hyper.n_head,
    dropout: hyper.dropout,
    context: 'full',
    classHead: { layers: hyper.outlayer_num, activation: hyper.outlayer_activation_fn, dropout: hyper.outlayer_drop },
    anchorHead: {
      layers: hyper.clip_proj_layer_num,
      activation: hyper.clip_proj_activation_fn,
      dropout: hyper.clip_proj_drop,
    },
    anchorScale: 100,
    anchorScaleLearned: false,
    anchorWarmup: 0,
    classLoss: {
      ce: number('cls_lambda'),
      fusedCe: number('cls_all_lambda'),
      ...each(
        (m) => `${m}Ce` as const,
        (l) => `cls_${l}_lambda`,
      ),
      kl: number('cls_all_cls_kl_lambda'),
      ...each(
        (m) => `${m}Kl` as const,
        (l) => `${l}_cls_all_cls_kl_lambda`,
      ),
    },
    anchorLoss: {
      ce: number('clip_lambda'),
      fusedCe: number('all_clip_lambda'),
      ...each(
        (m) => `${m}Ce` as const,
        (l) => `${l}_clip_lambda`,
      ),
      kl: number('clip_all_clip_kl_lambda'),
      ...each(
        (m) => `${m}Kl` as const,
        (l) => `${l}_clip_all_clip_kl_lambda`,
      ),
    },
  };
}
