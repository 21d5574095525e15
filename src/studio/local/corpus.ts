import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { check } from '../../base/json.js';
import { currentFile } from '../../base/replace.js';
import { correctLabels } from '../../corpus/correct.js';
import { readCorpus, writeCorpus } from '../../corpus/files.js';
import { FILES } from '../../corpus/format.js';
import type { LocalPart } from '../app.js';

const correctionsSchema = z.strictObject({
  by: z.string().min(1).max(200),
  corrections: z
    .array(z.strictObject({ dialogue: z.string(), index: z.int().min(0), label: z.string().nullable() }))
    .min(1),
});

/** A corpus whose labels may be corrected in the page. @throws InputError where the directory holds none. */
export function corpusPart(directory: string): LocalPart {
  const { name } = readCorpus(directory);
  return {
    says: { corpus: { name } },
    add(app) {
      app.get('/studio/corpus/:file', async (c) => {
        const file = Object.values(FILES).find((one) => one === c.req.param('file'));
        if (file === undefined) return c.notFound();
        return c.body(await readFile(currentFile(directory, file)), 200, {
          'content-type': 'application/octet-stream',
        });
      });
      app.post('/studio/corpus', async (c) => {
        const { by, corrections } = check(correctionsSchema, await c.req.json(), 'The corrections');
        writeCorpus(directory, correctLabels(readCorpus(directory), corrections, by));
        return c.json({ saved: corrections.length });
      });
    },
  };
}
