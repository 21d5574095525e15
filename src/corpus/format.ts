import { z } from 'zod';
import { parseJson } from '../base/json.js';
import { MODALITIES } from '../base/modalities.js';
import { encoderPartSchema } from './encoderPart.js';

/** Version of the corpus directory that this program writes, and the only one it reads. */
export const FORMAT_VERSION = 1;

/** Names of the files in a corpus directory. */
export const FILES = {
  description: 'corpus.json',
  utterances: 'utterances.jsonl',
  features: 'features.safetensors',
} as const;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal');

/** What corpus.json says of one modality. */
const modalitySchema = z.strictObject({
  dim: z.int().min(1),
  encoder: z.string().optional(),
  parts: z.array(encoderPartSchema).optional(),
});

/** corpus.json. A modality that is null is one that the whole corpus lacks. */
export const descriptionSchema = z.strictObject({
  formatVersion: z.literal(FORMAT_VERSION),
  name: z.string().min(1),
  synthetic: z.boolean().optional(),
  composed: z.boolean().optional(),
  note: z.string().optional(),
  origin: z.array(z.string()).optional(),
  classes: z.array(z.string()),
  speakers: z.array(z.string()),
  modalities: z.strictObject({
    text: modalitySchema.nullable(),
    audio: modalitySchema.nullable(),
    visual: modalitySchema.nullable(),
  }),
  splits: z.strictObject({
    train: z.array(z.string()).optional(),
    valid: z.array(z.string()).optional(),
    test: z.array(z.string()).optional(),
  }),
  /** Of the corpus, of utterances.jsonl and of each feature table. Left out, nothing is compared. */
  hashes: z
    .strictObject({
      corpus: sha256,
      utterances: sha256,
      text: sha256.optional(),
      audio: sha256.optional(),
      visual: sha256.optional(),
    })
    .optional(),
});
export type Description = z.infer<typeof descriptionSchema>;

/** One line of utterances.jsonl; speaker and label by name, null = unlabelled; start and end in seconds. */
export const utteranceLineSchema = z.strictObject({
  dialogue: z.string(),
  index: z.int().min(0),
  speaker: z.string(),
  text: z.string().optional(),
  estimated: z.array(z.enum(['speaker', 'text'])).optional(),
  label: z.string().nullable(),
  labelledBy: z.string().min(1).optional(),
  media: z.string().optional(),
  start: z.number().min(0).optional(),
  end: z.number().min(0).optional(),
  from: z.partialRecord(z.enum(MODALITIES), z.string()).optional(),
});
export type UtteranceLine = z.infer<typeof utteranceLineSchema>;

/**
 * The lines of a JSONL text that a schema allows, with what later sentences call them; empty lines are skipped.
 * @param source what sentences call the text, usually a path
 */
export function parseJsonLines<T>(schema: z.ZodType<T>, text: string, source: string): { value: T; where: string }[] {
  return text.split('\n').flatMap((line, i) => {
    const where = `${source}, line ${i + 1}`;
    return line.trim() === '' ? [] : [{ value: parseJson(schema, line, where), where }];
  });
}
