import { InputError } from '../base/errors.js';
import { type Modality, modalitiesIn } from '../base/modalities.js';
import type { Encoded, Encoders, RawInput, RowEncoder } from './encoders.js';
import type { FeatureRow, ModelInputs, PredictOptions, SpokenFace, Utterance } from './types.js';

/** An utterance as the model reads it. */
export interface ReadUtterance {
  speaker?: string;
  /** [dim] a modality that is there, not standardised. */
  rows: Partial<Record<Modality, Float32Array>>;
  /** Why a modality is not there, where raw media were given for it. */
  missing?: Partial<Record<Modality, string>>;
  /** Which face was looked at. */
  face?: SpokenFace;
}

/** Makes rows of what utterances hold; opens an encoder when the first raw input of its modality comes. */
export class Reader {
  private readonly inputs: ModelInputs;
  private readonly encoders: Encoders | undefined;
  private readonly opened = new Map<Modality, Promise<RowEncoder>>();

  constructor(inputs: ModelInputs, encoders: Encoders | undefined) {
    this.inputs = inputs;
    this.encoders = encoders;
  }

  /**
   * @param utterances checked ones; @param where what sentences call them: "utterances". @param first index of the first.
   * @throws InputError naming the field that cannot be read.
   */
  async read(
    utterances: readonly Utterance[],
    where: string,
    { signal, unreadable = 'refuse' }: PredictOptions,
    first = 0,
  ): Promise<ReadUtterance[]> {
    const read = utterances.map(({ speaker }): ReadUtterance => ({ speaker, rows: {} }));
    for (const modality of modalitiesIn(this.inputs)) {
      const raws: { at: number; field: string; input: RawInput }[] = [];
      utterances.forEach((utterance, at) => {
        const row = utterance.features?.[modality];
        const raw = row === undefined ? rawOf(utterance, modality) : undefined;
        if (row !== undefined) read[at].rows[modality] = numbersOf(row);
        else if (raw !== undefined) raws.push({ at, ...raw });
      });
      if (raws.length === 0) continue;
      const place = ({ at, field }: (typeof raws)[number]) => `${where}[${first + at}].${field}`;
      const encoder = await this.open(modality, place(raws[0]));
      signal?.throwIfAborted();
      const encoded = await encoder.encode(
        raws.map(({ input }) => input),
        { signal },
      );
      signal?.throwIfAborted();
      raws.forEach((raw, i) => {
        this.take(read[raw.at], modality, encoded[i], place(raw), unreadable);
      });
    }
    return read;
  }

  async dispose(): Promise<void> {
    const opened = await Promise.allSettled(this.opened.values());
    this.opened.clear();
    for (const one of opened) if (one.status === 'fulfilled') await one.value.dispose();
  }

  private take(
    read: ReadUtterance,
    modality: Modality,
    encoded: Encoded,
    place: string,
    unreadable: 'refuse' | 'absent',
  ): void {
    const dim = this.inputs[modality]?.dim as number;
    if ('row' in encoded) {
      if (encoded.row.length !== dim) {
        throw new InputError(
          `${place} gave ${encoded.row.length} numbers, but the model takes ${dim} of ${modality}: the encoder is not the model's.`,
        );
      }
      read.rows[modality] = encoded.row;
      if (encoded.face) read.face = encoded.face;
      return;
    }
    if ('failed' in encoded && unreadable === 'refuse') throw new InputError(`${place} ${encoded.failed}.`);
    read.missing = { ...read.missing, [modality]: 'failed' in encoded ? encoded.failed : encoded.absent };
  }

  private open(modality: Modality, place: string): Promise<RowEncoder> {
    const known = this.opened.get(modality);
    if (known !== undefined) return known;
    const { dim, encoder, parts } = this.inputs[modality] as NonNullable<ModelInputs[Modality]>;
    const instead = `give its row of ${dim} numbers as features.${modality}`;
    if (this.encoders === undefined)
      throw new InputError(`${place} cannot be read: the model was opened without encoders; ${instead}.`);
    if (parts === undefined) {
      const by = encoder === undefined ? 'does not say what made the features' : `names features of "${encoder}" only`;
      throw new InputError(`${place} cannot be read: the model ${by} that it was trained on; ${instead}.`);
    }
    const opening = this.encoders.open(modality, parts).catch((error) => {
      this.opened.delete(modality);
      throw error;
    });
    this.opened.set(modality, opening);
    return opening;
  }
}

/** What of an utterance is to be encoded for a modality, and the field that holds it. */
function rawOf(
  { text, audio, face, video }: Utterance,
  modality: Modality,
): { field: string; input: RawInput } | undefined {
  switch (modality) {
    case 'text':
      return text === undefined || text.trim() === '' ? undefined : { field: 'text', input: { text } };
    case 'audio':
      if (audio !== undefined) return { field: 'audio', input: { sound: audio } };
      return video === undefined ? undefined : { field: 'video', input: { sound: video } };
    case 'visual':
      if (face !== undefined) return { field: 'face', input: { picture: face } };
      return video === undefined ? undefined : { field: 'video', input: { film: video } };
  }
}

function numbersOf(row: FeatureRow): Float32Array {
  const numbers = 'row' in row ? row.row : row;
  return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
}
