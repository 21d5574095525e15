import { InputError } from '../../../base/errors.js';
import { DEFAULT_PRESET, presetConfig, withOverrides } from '../../../run/index.js';
import { settingsOf } from '../settings.js';
import type { Candidate, SearchSpec } from './space.js';

/** A stage of a search: how many candidates are there, and to which epoch they are trained. */
export interface Rung {
  candidates: number;
  epochs: number;
}

/**
 * Successive halving: a rung has a factor fewer candidates than the one before it and trains them a factor further, to
 * the last one's full epochs. @param first epochs of the first rung; default: as few as leave one candidate at the last.
 * @throws InputError where the epochs are too few for two rungs.
 */
export function halvingRungs(candidates: number, epochs: number, factor: number, source: string, first = 1): Rung[] {
  if (first * factor > epochs || candidates < factor) {
    const least = candidates < factor ? `${factor} configurations` : `${first * factor} epochs`;
    throw new InputError(
      `${source}: halving by ${factor} needs at least ${least}, and there are ${
        candidates < factor ? candidates : epochs
      }. Take "method: ${candidates < factor ? 'grid' : 'random'}", or other numbers.`,
    );
  }
  const log = (x: number) => Math.floor(Math.log(x) / Math.log(factor) + 1e-9);
  const steps = Math.min(log(candidates), log(epochs / first));
  return Array.from({ length: steps + 1 }, (_, r) => ({
    candidates: Math.ceil(candidates / factor ** r),
    epochs: Math.max(1, Math.round(epochs / factor ** (steps - r))),
  }));
}

/** A candidate as a configuration of the experiment: what is searched, over the search's own and the defaults' settings. */
export function configurationOf(
  search: SearchSpec,
  set: Candidate['set'],
): Pick<SearchSpec, 'preset' | 'anchors' | 'modalities' | 'set'> {
  const { preset, anchors, modalities } = search;
  return {
    ...(preset && { preset }),
    ...(anchors && { anchors }),
    ...(modalities && { modalities }),
    set: { ...search.set, ...set },
  };
}

/** The epochs that a candidate is trained for at most. @throws InputError where a setting is unknown. */
export function candidateEpochs(
  defaults: { preset?: string; set?: Record<string, unknown> } = {},
  search: SearchSpec,
  set: Candidate['set'] = {},
): number {
  const preset = presetConfig(search.preset ?? defaults.preset ?? DEFAULT_PRESET);
  const settings = [defaults.set ?? {}, search.set ?? {}, set].flatMap((one) => settingsOf(one));
  return withOverrides(preset, settings).epochs;
}
