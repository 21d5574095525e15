import { inspectPickle } from '../../corpus/files.js';
import { corpusDescription } from './corpus.js';
import type { Recogniser } from './description.js';

/** A pickle begins with its protocol, or with an opcode of protocol 0 or 1; only reading it tells more. */
export const pickleRecogniser: Recogniser = {
  recognises: ({ head }) => head[0] === 0x80 || '(]}cIlFSVKJ'.includes(String.fromCharCode(head[0])),
  describe(path) {
    const { kind: _, ...description } = corpusDescription(inspectPickle(path));
    return {
      ...description,
      kind: 'a feature pickle; "vega-merc import" makes a corpus of it',
      facts: description.facts.filter(([name]) => name !== 'hash' && name !== 'name'),
    };
  },
};
