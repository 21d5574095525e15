import { InputError } from '../base/errors.js';
import { encoderName, sameEncoder } from '../corpus/encoder.js';
import { openSentenceNetwork, SENTENCE_PACKAGE, type SentenceFiles } from '../encoders/text/sentenceNetwork.js';
import type { Engine } from '../graph/engine.js';
import type { Encoders } from './encoders.js';

/**
 * Encoders for where only words can be read: the sentence encoder of `vega-merc extract`, from its package's files. Gives
 * the rows that `extract` gives. Sound and pictures are refused.
 */
export function sentenceEncoders(files: SentenceFiles, engine: Engine): Encoders {
  return {
    async open(modality, made) {
      if (modality !== 'text') {
        throw new InputError(
          `Only words are read here; ${modality} has to come as rows of ${made.map(encoderName).join(' + ')}.`,
        );
      }
      if (!sameEncoder({ parts: made }, { parts: [{ encoder: 'sentence', package: SENTENCE_PACKAGE }] })) {
        throw new InputError(
          `The model's text features were made by ${made.map(encoderName).join(' + ')}; here the sentence encoder reads words, which makes others.`,
        );
      }
      const network = await openSentenceNetwork(files, engine);
      return {
        async encode(inputs, { signal }) {
          const texts = inputs.map((input) => ('text' in input ? input.text : ''));
          signal?.throwIfAborted();
          const rows = await network.embed(texts);
          return texts.map((_, i) => ({ row: rows.slice(i * network.dim, (i + 1) * network.dim) }));
        },
        dispose: () => network.dispose(),
      };
    },
  };
}
