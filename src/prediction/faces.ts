import { moveBank } from '../anchors/move.js';
import { normaliseRows } from '../anchors/rows.js';
import type { AnchorBank } from '../anchors/types.js';
import { InputError } from '../base/errors.js';
import { parseSafetensors } from '../interchange/safetensors.js';
import { softmaxRows } from '../metrics/mixture.js';
import { anchorSpaceIn } from '../run/anchorSpace.js';
import { RUN_FILES, type RunConfig } from '../run/format.js';
import type { ModelCard } from './types.js';

/** What a run was trained with, that other faces must fit. */
export type RunAnchors = NonNullable<RunConfig['anchors']>;

/** Faces that give the classes, and what a reader must be told of them. */
export interface GivenFaces {
  bank: AnchorBank;
  /** They lie where the model compares already: they are taken from its own anchors. */
  moved?: boolean;
  notes?: string[];
}

/** Gives the faces; asked only when the run is known to compare with faces. */
export type FaceSource = (anchors: RunAnchors) => GivenFaces | Promise<GivenFaces>;

/** Anchors that hold no face: what a model learned from them says nothing of faces. */
const NO_FACES: Readonly<Record<string, string>> = {
  random: 'random directions',
  learned: 'directions that training moved',
  text: 'texts',
};

/**
 * The faces that a run is to answer among, moved as the run moved its own anchors.
 * @param space reads anchor-space.safetensors. @throws InputError where the run has no faces to compare with, or these are
 * of another encoder or dimension.
 */
export async function facesFor(
  { anchors, training }: RunConfig,
  source: FaceSource,
  space: () => Promise<Uint8Array>,
): Promise<GivenFaces> {
  if (anchors === null) {
    throw new InputError(
      'The model was trained without anchors, so it cannot compare with faces. Train one with --anchors.',
    );
  }
  const instead = Object.hasOwn(NO_FACES, anchors.path) ? NO_FACES[anchors.path] : undefined;
  if (instead !== undefined) {
    throw new InputError(
      `The model was trained with ${instead} for anchors (--anchors ${anchors.path}), so it has learned nothing of faces. Train one with an anchor file of faces.`,
    );
  }
  const { bank, moved = false, notes = [] } = await source(anchors);
  checkFaces(bank, anchors);
  const unknown = [
    ...(bank.encoder === undefined ? ['the faces given'] : []),
    ...(anchors.encoder === undefined ? ["the model's own"] : []),
  ];
  return {
    bank:
      moved || training.anchorSpace === 'raw'
        ? bank
        : moveBank(
            bank,
            anchorSpaceIn(
              parseSafetensors(await space(), RUN_FILES.anchorSpace).tensors,
              anchors.dim,
              RUN_FILES.anchorSpace,
            ),
          ),
    notes: [
      ...notes,
      ...(unknown.length > 0
        ? [`Whether the faces fit the model cannot be told: nothing says which encoder saw ${unknown.join(' and ')}.`]
        : []),
    ],
  };
}

function checkFaces({ classes, dim, encoder }: AnchorBank, anchors: RunAnchors): void {
  if (classes.length < 2)
    throw new InputError(`The faces given are of ${classes.length} class; a choice needs at least two.`);
  if (encoder !== undefined && anchors.encoder !== undefined && encoder !== anchors.encoder) {
    throw new InputError(
      `The faces given were seen by the encoder ${encoder}, but the model's anchors by ${anchors.encoder}. Build the anchor file with that encoder.`,
    );
  }
  if (dim !== anchors.dim) {
    throw new InputError(
      `The faces given have ${dim} dimensions, but the model's anchors ${anchors.dim}. Build the anchor file with the encoder that made the model's${anchors.encoder === undefined ? '' : `: ${anchors.encoder}`}.`,
    );
  }
}

/** Cosines to the centre of every class. @param anchored [N, D] of unit length. @returns [N, C] */
export function cosinesToCentres(anchored: Float32Array, { centres, dim, classes }: AnchorBank): Float32Array {
  const count = classes.length;
  const unit = Float32Array.from(centres);
  normaliseRows(unit, dim, (c) => `the centre of "${classes[c]}"`);
  const out = new Float32Array((anchored.length / dim) * count);
  for (let i = 0; i < out.length; i++) {
    const [z, a] = [Math.floor(i / count) * dim, (i % count) * dim];
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += anchored[z + d] * unit[a + d];
    out[i] = sum;
  }
  return out;
}

/** The anchor head's distribution: softmax of scale × cosine. @param cosines [N, C]. @returns [N, C] */
export function distributionOfCosines(cosines: Float32Array, classes: number, anchorScale: number): Float32Array {
  return softmaxRows(
    cosines.map((cosine) => anchorScale * cosine),
    classes,
  );
}

/** What must be said of a model that answers by faces alone. @param trained the classes that it was trained on. */
export function zeroShotCard(card: ModelCard, trained: readonly string[], { bank, notes = [] }: GivenFaces): ModelCard {
  const taught = trained.filter((name) => !bank.classes.includes(name));
  return {
    ...card,
    zeroShot: true,
    calibrated: false,
    notes: [
      `Zero-shot: the classes ${bank.classes.join(', ')} are given by faces alone, and the anchor head answers by itself. ` +
        `The model was trained on ${trained.join(', ')}${taught.length === 0 ? '' : `; it does not choose ${taught.join(', ')} here`}. ` +
        'Confidence is the probability as it is, not calibrated. No modality speaks by itself: the model compares only the fused representation with faces.',
      ...card.notes.filter((note) => !note.startsWith('The run has no calibration')),
      ...notes,
    ],
  };
}
