import type { FaceClass } from '../thinking/types.js';
import { ask } from './server.js';

/** Rows that the model's image encoder makes of pictures, by the local server; they are not kept there. */
export async function pictureRows(files: readonly File[], encoder: string | undefined): Promise<FaceClass['given']> {
  const form = new FormData();
  for (const file of files) form.append('pictures', file);
  form.append('encoder', encoder ?? '');
  const response = await ask('studio/faces', { method: 'POST', body: form });
  return (await response.json()) as FaceClass['given'];
}
