import { z } from 'zod';

/** What made a part of a modality's features: enough to know them again, and to make more of them. */
export const encoderPartSchema = z
  .object({
    /** As `vega-merc extract` names it: "sentence", "functionals", "speech", "expression", "clip", a model of the hub. */
    encoder: z.string(),
    /** npm package and its version; without a package, the version of this program's own method. */
    package: z.string().optional(),
    version: z.string().optional(),
    /** Hash of a model's file. */
    sha256: z.string().optional(),
    /** The package that decoded the recordings, and its version. */
    decoder: z.string().optional(),
  })
  .catchall(z.union([z.string(), z.number()]).optional());
export type EncoderPart = z.infer<typeof encoderPartSchema>;
