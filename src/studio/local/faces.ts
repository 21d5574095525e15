import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyLimit } from 'hono/body-limit';
import { InputError } from '../../base/errors.js';
import { printable } from '../../base/words.js';
import { encoderByName } from '../../prediction/node/faces.js';
import type { LocalPart } from '../app.js';

const MIB = 1024 * 1024;
/** Pictures of one request, and their bytes together. */
const MOST = { pictures: 60, bytes: 100 * MIB };

/** Rows of pictures, for faces that are exchanged; the pictures are deleted in every outcome. */
export function facesPart(): LocalPart {
  return {
    says: { faces: true },
    add(app) {
      app.post('/studio/faces', bodyLimit({ maxSize: MOST.bytes }), async (c) => {
        const form = await c.req.formData();
        const files = form.getAll('pictures').filter((one): one is File => one instanceof File);
        const encoder = `${form.get('encoder') ?? ''}`;
        if (files.length === 0 || files.length > MOST.pictures)
          throw new InputError(`Give 1 to ${MOST.pictures} pictures at a time.`);
        return c.json(await encode(files, encoder));
      });
    },
  };
}

async function encode(files: readonly File[], name: string) {
  const choice = encoderByName(name);
  if (choice === undefined)
    throw new InputError(
      `The pictures cannot be compared: the model's anchors were seen by ${printable(name) || 'an encoder that is not named'}, which is not opened by its name.`,
    );
  const { encodePictureFiles, openImageEncoder } = await import('../../encoders/index.js');
  const encoder = await openImageEncoder(choice);
  const folder = await mkdtemp(join(tmpdir(), 'vega-merc-faces-'));
  try {
    const paths = await Promise.all(
      files.map(async (file, i) => {
        const path = join(folder, `${i}`);
        await writeFile(path, new Uint8Array(await file.arrayBuffer()));
        return path;
      }),
    );
    const faces = [];
    for await (const one of encodePictureFiles(paths, encoder)) {
      const { name: own } = files[paths.indexOf(one.path)];
      if ('problem' in one) throw new InputError(one.problem.replaceAll(one.path, own));
      const picture = `data:image/jpeg;base64,${Buffer.from(one.thumbnail).toString('base64')}`;
      faces.push({ name: own, row: [...one.embedding], picture });
    }
    return faces;
  } finally {
    await Promise.all([rm(folder, { recursive: true, force: true }), encoder.dispose()]);
  }
}
