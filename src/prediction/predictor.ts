import type { AnchorBank } from '../anchors/types.js';
import type { Batch } from '../base/batch.js';
import { InputError } from '../base/errors.js';
import { type Branch, MODALITIES } from '../base/modalities.js';
import type { Once } from '../base/once.js';
import type { LiveModel } from '../vega/live.js';
import { joinOutputs } from '../vega/outputs.js';
import type { AnchorTargets, PredictionModel, VegaOutputs } from '../vega/types.js';
import { checkConversation } from './check.js';
import { type Description, describeOutputs } from './describe.js';
import type { Encoders } from './encoders.js';
import { type Distances, familiarLimits, type JudgedUtterance, judgeUtterance } from './familiar.js';
import { startLive } from './live.js';
import { type Packing, packConversations } from './pack.js';
import { Reader, type ReadUtterance } from './read.js';
import type { LiveConversation, ModelCard, ModelInputs, Prediction, PredictOptions, Utterance } from './types.js';

/** What a predictor is made of. */
export interface PredictorParts {
  model: PredictionModel;
  /** The same weights, for conversations that go on; made when the first one begins. */
  liveModel?: Once<LiveModel>;
  packing: Packing;
  description: Description;
  /** What the anchor branch compares with, classes in the order of the model's; null = class head only. */
  anchors: AnchorTargets;
  /** Conversations that are computed together. */
  batchSize: number;
  about: ModelCard;
  /** The heads whose outputs are worth something, where a checkpoint is incomplete; the fused class head always is. */
  heads?: { classHead: Branch[]; anchorHead: Branch[] };
  encoders?: Encoders;
}

/** Conversations, one after the other: a list, a stream. */
export type Conversations = Iterable<readonly Utterance[]> | AsyncIterable<readonly Utterance[]>;

/**
 * Predicts the emotions of conversations with a trained model; `open` makes one.
 *
 * ```ts
 * await using model = await open('runs/meld');
 * console.log(model.classes); // [ 'neutral', 'sadness', 'joy', 'anger' ]
 * console.log(model.inputs.text?.dim); // 512
 * ```
 */
export class Predictor implements AsyncDisposable {
  /** Class names, in the model's order; those of the faces where faces gave them. */
  readonly classes: readonly string[];
  /** What the model takes: for each of its modalities the numbers a row, and what made those of training. */
  readonly inputs: ModelInputs;
  /** What a reader must know of the model. */
  readonly about: ModelCard;
  /** Logit of the class head's share in the average mixture; undefined without anchors, and where faces gave the classes. */
  readonly gate: number | undefined;
  /** Anchors in the order of the classes; undefined where the model compares with none of a file. */
  readonly bank: AnchorBank | undefined;
  /** Factor on cosines in the anchor head. */
  readonly anchorScale: number;
  private readonly parts: PredictorParts;
  private readonly reader: Reader;
  private disposal: Promise<void> | undefined;

  constructor(parts: PredictorParts) {
    this.parts = parts;
    this.classes = parts.description.classes;
    this.inputs = parts.packing.inputs;
    this.about = parts.about;
    this.gate = parts.anchors === null || parts.description.zeroShot ? undefined : (parts.description.gate ?? 0);
    this.bank = parts.description.bank;
    this.anchorScale = parts.description.anchorScale;
    this.reader = new Reader(this.inputs, parts.encoders);
  }

  /**
   * Predicts one conversation. What an answer is depends on nothing outside of it.
   *
   * ```ts
   * await using model = await open('runs/meld');
   * const answers = await model.predict([
   *   { speaker: 'Ann', text: 'You came!' },
   *   { speaker: 'Bo', text: 'I had to.' },
   *   { speaker: 'Ann', features: { text: new Float32Array(512) } }, // a row made elsewhere
   * ]);
   * const [{ emotion, probabilities, confidence, modalities, evidence }] = answers;
   * console.log(emotion, probabilities.joy > probabilities.anger, confidence > 0.25); // joy true true
   * console.log(modalities.text?.emotion, evidence.shares); // joy { text: 1 }
   * ```
   * @returns an answer an utterance.
   * @throws InputError naming the field of the utterance that cannot be taken; whatever the signal gives as its reason.
   */
  async predict(conversation: readonly Utterance[], options: PredictOptions = {}): Promise<Prediction[]> {
    const read = await this.readAll(conversation, 'utterances', options);
    const [predictions] = await this.answer([read], options);
    return predictions;
  }

  /**
   * Predicts many conversations, several of them at once.
   *
   * ```ts
   * await using model = await open('runs/meld');
   * const conversations = [[{ text: 'I hate you!' }, { text: 'I had to.' }], [{ text: 'I feel so alone.' }]];
   * const counts: number[] = [];
   * for await (const answers of model.predictAll(conversations)) counts.push(answers.length);
   * console.log(counts); // [ 2, 1 ]
   * ```
   * @returns the answers of each conversation, in their order.
   */
  async *predictAll(
    conversations: Conversations,
    options: PredictOptions = {},
  ): AsyncGenerator<Prediction[], void, undefined> {
    for await (const group of this.groups(conversations, options)) yield* await this.answer(group, options);
  }

  /**
   * Begins a conversation whose utterances come one by one.
   *
   * ```ts
   * await using model = await open('runs/causal');
   * const live = model.live();
   * const { emotion, index } = await live.say({ speaker: 'Ann', text: 'We won, we won!' });
   * console.log(emotion, index); // joy 0
   * ```
   * Earlier answers never change, so this is only for models whose
   * utterances see no later one.
   * @throws InputError where the model was trained with full context.
   */
  live(): LiveConversation {
    if (this.about.context === 'full') {
      throw new InputError(
        'This model was trained with full context: what is said later changes what it says of earlier utterances, so it ' +
          'cannot answer live. Train with --set context=causal, or predict the conversation when it is over.',
      );
    }
    const { packing, description, anchors, liveModel } = this.parts;
    return startLive({
      packing,
      description,
      anchors,
      read: async (utterance, index, options, before) => {
        const [read] = await this.reader.read([utterance], 'utterances', options, index);
        return this.judge(read, before);
      },
      begin: async () => {
        if (this.disposal !== undefined || liveModel === undefined) throw disposed();
        return (await liveModel.get()).begin();
      },
    });
  }

  /**
   * Raw outputs, as scores are computed from, for the utterances of some conversations in their order. Logits are those of
   * the classes that the model was trained on, also where faces gave others; what is unfamiliar is not left out.
   * @param options.onProgress called with the number of conversations done.
   */
  async outputs(
    conversations: Conversations,
    options: PredictOptions & { onProgress?: (done: number) => void } = {},
  ): Promise<VegaOutputs> {
    const parts: VegaOutputs[] = [];
    let done = 0;
    for await (const group of this.groups(conversations, options)) {
      parts.push(await this.run(packConversations(group, this.parts.packing)));
      done += group.length;
      options.onProgress?.(done);
    }
    return joinOutputs(parts);
  }

  /** Frees the model and its encoders; it cannot be used afterwards. */
  dispose(): Promise<void> {
    const { model, liveModel } = this.parts;
    this.disposal ??= Promise.all([model.dispose(), liveModel?.dispose(), this.reader.dispose()]).then(() => undefined);
    return this.disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  private async readAll(
    conversation: readonly Utterance[],
    where: string,
    options: PredictOptions,
  ): Promise<ReadUtterance[]> {
    options.signal?.throwIfAborted();
    const utterances = checkConversation(conversation, this.inputs, where);
    return this.reader.read(utterances, where, options);
  }

  /** Conversations read, as many at a time as are computed together. */
  private async *groups(conversations: Conversations, options: PredictOptions): AsyncGenerator<ReadUtterance[][]> {
    let group: ReadUtterance[][] = [];
    let index = 0;
    for await (const conversation of conversations) {
      group.push(await this.readAll(conversation, `conversations[${index++}]`, options));
      if (group.length < this.parts.batchSize) continue;
      yield group;
      group = [];
    }
    if (group.length > 0) yield group;
  }

  private async answer(read: ReadUtterance[][], { signal }: PredictOptions): Promise<Prediction[][]> {
    signal?.throwIfAborted();
    const conversations = read.map((utterances) => {
      let before: Distances | undefined;
      return utterances.map((utterance) => {
        const judged = this.judge(utterance, before);
        before = judged.soFar;
        return judged;
      });
    });
    const outputs = await this.run(packConversations(conversations, this.parts.packing));
    signal?.throwIfAborted();
    return describeOutputs(outputs, conversations, this.parts.description);
  }

  private judge(read: ReadUtterance, before: Distances | undefined): JudgedUtterance {
    const { packing, description } = this.parts;
    const limits = familiarLimits(packing.standardise, description.calibration);
    return judgeUtterance(read, packing.standardise, limits, before);
  }

  private async run(batch: Batch): Promise<VegaOutputs> {
    if (this.disposal !== undefined) throw disposed();
    const { model, anchors, heads } = this.parts;
    const outputs = await model.predict(batch, anchors === 'learned' ? null : anchors);
    for (const modality of MODALITIES) {
      if (heads && !heads.classHead.includes(modality)) delete outputs.logits[modality];
      if (heads && !heads.anchorHead.includes(modality)) delete outputs.anchorLogits?.[modality];
    }
    return outputs;
  }
}

const disposed = (): InputError => new InputError('The model has been disposed of; open it again.');
