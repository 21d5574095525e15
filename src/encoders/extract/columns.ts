import type { EncoderPart } from '../../corpus/index.js';
import { FUNCTIONALS } from '../audio/functionals.js';
import { statisticColumns } from '../pooling.js';
import { EXPRESSION_COLUMNS, EXPRESSION_MEAN_COLUMNS } from '../visual/faceParts.js';

/** States of the shipped speech encoder. */
const SPEECH_DIM = 288;

/** Columns of the encoders whose dimension is known without opening them. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  functionals: FUNCTIONALS,
  speech: statisticColumns(SPEECH_DIM, ['mean', 'deviation']),
  expression: EXPRESSION_COLUMNS,
  'expression-mean': EXPRESSION_MEAN_COLUMNS,
};

/**
 * What each number of a sound's or face's row is: "functionals.pitch.mean", "speech.17.deviation".
 * @param dim of the row; it tells the dimension of one model.
 * @returns undefined where several models share a row, so that nothing says where each begins.
 */
export function columnsOf(parts: readonly EncoderPart[], dim: number): string[] | undefined {
  const models = parts.filter(({ encoder }) => KNOWN[encoder] === undefined);
  if (models.length > 1) return undefined;
  const known = parts.reduce((sum, { encoder }) => sum + (KNOWN[encoder]?.length ?? 0), 0);
  const pooled = statisticColumns((dim - known) / 2, ['mean', 'deviation']);
  return parts.flatMap(({ encoder }) => (KNOWN[encoder] ?? pooled).map((column) => `${encoder}.${column}`));
}
