import { z } from '@hono/zod-openapi';
import { MODALITIES } from '../../base/modalities.js';
import { DEFAULT_LIMITS } from '../limits.js';

/** What requests and answers look like: the OpenAPI document, the types and the checks all come from here. */

const name = z.string().min(1).max(200);
const seconds = z.number().min(0);

const row = z.array(z.number()).openapi({ description: 'As many numbers as the model takes of this modality.' });
const feature = z.union([row, z.strictObject({ row, encoder: name })]).openapi('FeatureRow', {
  description: "A row that the model's encoder made elsewhere, alone or with its encoder's name.",
});

const part = z
  .strictObject(
    { part: name, start: seconds.nullish(), end: seconds.nullish() },
    { error: 'must name a part of a multipart upload, as {"part": "voice"}: the server opens no file by its path' },
  )
  .openapi('Part', {
    description:
      'A part of the upload that holds this, whole or from `start` to `end` in seconds. Only in multipart bodies.',
  });
const picture = z
  .strictObject(
    { part: name },
    { error: 'must name a part of a multipart upload, as {"part": "face"}: the server opens no file by its path' },
  )
  .openapi('Picture');

export const utteranceSchema = z
  .strictObject({
    speaker: name.nullish().openapi({ description: 'A name that means the same person throughout the conversation.' }),
    text: z.string().max(DEFAULT_LIMITS.text).nullish(),
    audio: part.nullish().openapi({ description: 'The voice.' }),
    face: picture.nullish().openapi({ description: "A picture of the speaker's face." }),
    video: part.nullish().openapi({ description: 'A film of the speaker; its sound is the voice.' }),
    features: z
      .strictObject({ text: feature.nullish(), audio: feature.nullish(), visual: feature.nullish() })
      .nullish()
      .openapi({ description: 'Rows that were made elsewhere; they count before words and media.' }),
    start: seconds.nullish().openapi({ description: 'Seconds into its recording; repeated in the answer.' }),
    end: seconds.nullish(),
    label: name.nullish().openapi({ description: 'The true class, where somebody said it; repeated in the answer.' }),
  })
  .openapi('Utterance', {
    description: 'One turn of a conversation. All of it may be missing: what there is, is used.',
  });
export type UtteranceBody = z.infer<typeof utteranceSchema>;

const model = name.openapi({ description: 'Default: the first of GET /v1/models.' });
const dialogue = name.openapi({ description: 'What the answers call the conversation.' });

export const predictSchema = z
  .strictObject({
    model: model.nullish(),
    dialogue: dialogue.nullish(),
    utterances: z.array(utteranceSchema).min(1).max(DEFAULT_LIMITS.utterances),
  })
  .openapi('PredictRequest');
export type PredictBody = z.infer<typeof predictSchema>;

export const beginSchema = z
  .strictObject({ model: model.nullish(), dialogue: dialogue.nullish() })
  .openapi('BeginRequest');

export const saySchema = z
  .strictObject({
    ...utteranceSchema.shape,
    index: z.int().min(0).nullish().openapi({
      description:
        'The place that the utterance is to have. Where another was said there already, nothing is said: so a request can be sent again.',
    }),
  })
  .openapi('SayRequest');
export type SayBody = z.infer<typeof saySchema>;

const file = z.string().openapi({ format: 'binary' });
export const uploadSchema = z
  .object({
    conversation: z
      .string()
      .optional()
      .openapi({ description: 'A PredictRequest as JSON, whose utterances name parts of this upload.' }),
    recording: file.optional().openapi({
      description: 'Instead of a conversation: sound or film of all of it. Without a transcript it is heard.',
    }),
    transcript: file.optional().openapi({ description: 'SRT or WebVTT of the recording, or by itself.' }),
    speakers: z.string().optional().openapi({
      description: 'For a recording without a transcript: how many people speak, or their names with commas between.',
    }),
    model: model.optional(),
    dialogue: dialogue.optional(),
  })
  .catchall(file)
  .openapi('PredictUpload');

export const sayUploadSchema = z
  .object({ utterance: z.string().openapi({ description: 'A SayRequest as JSON, which names parts of this upload.' }) })
  .catchall(file)
  .openapi('SayUpload');

const byClass = z.record(z.string(), z.number()).openapi('ByClass', { description: 'A number for each class.' });
const byModality = <T extends z.ZodType>(value: T) =>
  z.object(
    Object.fromEntries(MODALITIES.map((m) => [m, value.optional()])) as Record<
      (typeof MODALITIES)[number],
      z.ZodOptional<T>
    >,
  );

export const lineSchema = z
  .object({
    selection: z.literal('test-selected').optional(),
    synthetic: z.literal(true).optional(),
    zeroShot: z.literal(true).optional(),
    dialogue: z.string(),
    index: z.int(),
    speaker: z.string().optional(),
    text: z.string().optional(),
    estimated: z
      .array(z.enum(['speaker', 'text']))
      .optional()
      .openapi({ description: 'What of these nobody said, but was heard by the program.' }),
    start: z.number().optional(),
    end: z.number().optional(),
    label: z.string().optional(),
    emotion: z.string().openapi({ description: 'The choice of the head that answers.' }),
    probabilities: byClass,
    confidence: z.number().openapi({ description: 'How likely the emotion is right, 0 to 1.' }),
    heads: z.object({ classHead: byClass.optional(), anchorHead: byClass.optional() }),
    mixtures: z.object({ average: byClass, maximum: byClass }).optional(),
    modalities: byModality(
      z
        .object({ emotion: z.string(), classHead: byClass.optional(), anchorHead: byClass.optional() })
        .openapi('Opinion'),
    ),
    evidence: z.object({
      shares: byModality(z.number()),
      attended: z.array(z.object({ index: z.int(), weight: z.number() })),
      similarity: byClass.optional(),
      exemplars: z.array(z.object({ emotion: z.string(), name: z.string().optional(), cosine: z.number() })).optional(),
      distance: byModality(z.number()),
      face: z
        .object({
          time: z.number().optional(),
          box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
          thumbnail: z.string().optional(),
        })
        .optional()
        .openapi({
          description:
            "The face taken for the speaker's: seconds, its box in shares of the picture, and a small JPEG of it as a data URL.",
        }),
    }),
    unfamiliar: z.array(z.enum(MODALITIES)).optional().openapi({
      description:
        'Modalities unlike anything that the model was trained on. They were left out, as "missing" says; where there was nothing else, do not trust the answer.',
    }),
    missing: byModality(z.string()).optional(),
  })
  .openapi('Prediction', { description: 'As "vega-merc predict --format jsonl" prints it.' });

export const predictionsSchema = z
  .object({
    model: z.string(),
    predictions: z.array(lineSchema),
    rows: z
      .array(byModality(z.array(z.number())))
      .optional()
      .openapi({ description: 'With ?rows=true: the rows that were made of media or given, an utterance each.' }),
    notes: z.array(z.string()).optional().openapi({ description: 'What must be said of how a recording was read.' }),
  })
  .openapi('PredictResponse');

export const conversationSchema = z
  .object({
    id: z.string(),
    model: z.string(),
    dialogue: z.string(),
    utterances: z.int(),
    idleSeconds: z.number().openapi({ description: 'After so long without an utterance it is over.' }),
  })
  .openapi('Conversation');

const card = z.object({
  corpus: z.object({ name: z.string(), synthetic: z.boolean(), note: z.string().optional() }).optional(),
  selection: z.string().optional(),
  zeroShot: z.literal(true).optional(),
  finished: z.boolean(),
  calibrated: z.boolean(),
  context: z.enum(['full', 'causal', 'none']),
  speakers: z.enum(['within', 'known', 'ignored']),
  notes: z.array(z.string()),
});

export const modelsSchema = z
  .object({
    models: z.array(
      z
        .object({
          name: z.string(),
          default: z.boolean(),
          classes: z.array(z.string()),
          inputs: byModality(
            z.object({
              dim: z.int().openapi({ description: 'Numbers a row.' }),
              encoder: z.string().optional(),
              raw: z
                .boolean()
                .openapi({ description: 'Whether words or media of this modality can be given instead of rows.' }),
            }),
          ),
          live: z.boolean().openapi({ description: 'Whether it can take part in a conversation that goes on.' }),
          about: card,
        })
        .openapi('Model'),
    ),
  })
  .openapi('Models');

export const healthSchema = z.object({ status: z.enum(['ok', 'ready']) }).openapi('Health');

export const problemSchema = z
  .object({ type: z.string(), title: z.string(), status: z.int(), detail: z.string() })
  .openapi('Problem', { description: 'RFC 9457; `detail` is a sentence for people.' });
