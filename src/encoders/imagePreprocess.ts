import { z } from 'zod';
import { openPicture, type Picture, toPicture } from './imagePicture.js';

const pixels = z.number().int().min(1).max(4096);
const sides = z.object({ height: pixels, width: pixels });
const channels = z.array(z.number()).length(3);

/**
 * What of a `preprocessor_config.json` decides the pixels, by the names of that file; other fields are another
 * program's business. Where a field is missing it has CLIP's value.
 */
export const preprocessingSchema = z.object({
  do_resize: z.literal(true, 'must be true: the network takes one size').default(true),
  size: z.union([z.object({ shortest_edge: pixels }), sides, pixels.transform((edge) => ({ shortest_edge: edge }))]),
  /** Pillow's numbers: 0 nearest, 1 Lanczos, 2 bilinear, 3 bicubic. */
  resample: z.number().int().min(0).max(3).default(3),
  do_center_crop: z.boolean().default(false),
  crop_size: z.union([sides, pixels.transform((edge) => ({ height: edge, width: edge }))]).optional(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: channels.default([0.48145466, 0.4578275, 0.40821073]),
  image_std: channels.default([0.26862954, 0.26130258, 0.27577711]),
});
export type Preprocessing = z.infer<typeof preprocessingSchema>;

export interface Size {
  height: number;
  width: number;
}

const KERNELS = ['nearest', 'lanczos3', 'linear', 'cubic'] as const;

/** Size of what `preprocess` gives; undefined where it depends on the picture or the crop is larger than the picture. */
export function outputSize({ size, do_center_crop, crop_size }: Preprocessing): Size | undefined {
  if (!do_center_crop || crop_size === undefined) return 'height' in size ? size : undefined;
  const [height, width] = 'height' in size ? [size.height, size.width] : [size.shortest_edge, size.shortest_edge];
  return crop_size.height <= height && crop_size.width <= width ? crop_size : undefined;
}

/**
 * CLIP's preprocessing: shortest edge resized (bicubic), centre crop, 1/255, mean and standard deviation a channel.
 * @param crop `outputSize` of the same configuration. @returns [3, crop.height, crop.width]
 */
export async function preprocess(picture: Picture, config: Preprocessing, crop: Size): Promise<Float32Array> {
  const resized = resizedSize(picture, config);
  let pipeline = await openPicture(picture);
  if (resized.width !== picture.width || resized.height !== picture.height) {
    pipeline = pipeline.resize(resized.width, resized.height, { fit: 'fill', kernel: KERNELS[config.resample] });
  }
  // Both in one pipeline: of a very wide picture only what the crop keeps is computed.
  const { data } = await toPicture(
    pipeline.extract({
      left: Math.floor((resized.width - crop.width) / 2),
      top: Math.floor((resized.height - crop.height) / 2),
      ...crop,
    }),
  );
  return normalise(data, crop.height * crop.width, config);
}

/** The shorter edge becomes `shortest_edge`, the longer one follows, rounded down as the reference does. */
function resizedSize(picture: Picture, config: Preprocessing): Size {
  if ('height' in config.size) return config.size;
  const edge = config.size.shortest_edge;
  const longer = Math.floor((edge * Math.max(picture.width, picture.height)) / Math.min(picture.width, picture.height));
  return picture.width < picture.height ? { width: edge, height: longer } : { width: longer, height: edge };
}

function normalise(data: Uint8Array, pixels: number, config: Preprocessing): Float32Array {
  const out = new Float32Array(3 * pixels);
  for (let channel = 0; channel < 3; channel++) {
    const mean = config.do_normalize ? config.image_mean[channel] : 0;
    const deviation = config.do_normalize ? config.image_std[channel] : 1;
    const factor = config.do_rescale ? config.rescale_factor : 1;
    // 256 values are all there are.
    const table = Float32Array.from({ length: 256 }, (_, value) => (value * factor - mean) / deviation);
    for (let p = 0; p < pixels; p++) out[channel * pixels + p] = table[data[p * 3 + channel]];
  }
  return out;
}
