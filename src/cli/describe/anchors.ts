import type { AnchorBank } from '../../anchors/index.js';
import type { Description } from './description.js';

/** What is in an anchor file. */
export function anchorDescription({ classes, dim, encoder, exemplars, hash }: AnchorBank): Description {
  const counts = exemplars.map((rows) => rows.length / dim);
  return {
    kind: encoder === 'synthetic' ? 'synthetic anchors' : 'anchors',
    facts: [
      ['encoder', encoder ?? 'not said'],
      ['dimension', dim],
      ['hash', hash],
    ],
    tables: [
      { title: 'Exemplars by class', head: ['class', 'exemplars'], rows: classes.map((name, i) => [name, counts[i]]) },
    ],
    json: {
      classes,
      dim,
      encoder: encoder ?? null,
      exemplars: Object.fromEntries(classes.map((name, i) => [name, counts[i]])),
      hash,
    },
  };
}
