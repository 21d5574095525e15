import type { Corpus } from './types.js';

/** What every output calls a corpus: readers must see at once whether a number says anything about people. */
export function corpusKind({ synthetic, composed }: Pick<Corpus, 'synthetic' | 'composed'>): string {
  if (composed) return synthetic ? 'composed, partly synthetic corpus' : 'composed corpus';
  return synthetic ? 'synthetic corpus' : 'corpus';
}
