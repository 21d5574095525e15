import type { Modality } from '../../../entries/web.js';
import type { Answer } from '../thinking/types.js';

/** Below it an answer is more likely wrong than right. */
const UNSURE = 0.5;

/** Is the answer more likely wrong than right? */
export const isUncertain = ({ confidence }: Answer): boolean => confidence < UNSURE;

/** Modalities whose features lie far from all that the model was trained on. */
export const unfamiliar = ({ unfamiliar: modalities = [] }: Answer): Modality[] => modalities;

/** 0.8213 as "82 %". */
export const percent = (share: number): string => `${Math.round(100 * share)} %`;
