// A finished run as a model to hand on: weights in half the bits, no optimiser, no pictures, no paths.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAnchors, writeAnchors } from '../../dist/anchors/files.js';
import { readSafetensors, writeSafetensors } from '../../dist/interchange/files.js';
import { asFloat32 } from '../../dist/interchange/index.js';

/**
 * Writes the folder anew. @param run a finished run; @param out the folder that `open` takes. @param calibration in the
 * place of the run's own, which stays where this says nothing.
 */
export function packRun(run, out, calibration) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const { tensors, metadata } = readSafetensors(join(run, 'model.safetensors'));
  if (metadata.training !== 'finished') throw new Error(`${run} has not been trained to its end.`);
  const halved = [...tensors].map(([name, tensor]) => [name, { ...tensor, dtype: 'float16', data: asFloat32(tensor) }]);
  writeSafetensors(join(out, 'model.safetensors'), new Map(halved), {
    ...metadata,
    calibration: JSON.stringify({ ...JSON.parse(metadata.calibration), ...calibration }),
  });
  for (const name of ['standardise', 'anchor-space']) {
    const file = readSafetensors(join(run, `${name}.safetensors`));
    writeSafetensors(join(out, `${name}.safetensors`), file.tensors, file.metadata);
  }
  const { thumbnails: _, ...bank } = readAnchors(join(run, 'anchors.safetensors'));
  writeAnchors(join(out, 'anchors.safetensors'), bank);
  const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'));
  config.corpus.path = 'corpora/starter';
  config.anchors.path = 'faces.anchors.safetensors';
  writeFileSync(join(out, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}
