import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../base/errors.js';
import { findSentenceEncoder } from '../encoders/text/sentence.js';
import { RUN_FILES } from '../run/index.js';
import { filesOfModel, type StudioModel } from './models.js';

/** The built page. dist/ is the same place seen from src/studio and from dist/studio. */
export const PAGE = fileURLToPath(new URL('../../dist/studio/page/', import.meta.url));

/** @throws InputError where this copy of the program was never built. */
export function checkPage(): void {
  if (!existsSync(join(PAGE, 'index.html'))) throw new InputError(`${PAGE} has no page; build the program first.`);
}

/**
 * The WebAssembly for graphics cards, which is too large to come with this package: that of onnxruntime-web, where it is
 * installed. @param name the page's own name for it, as `assets/ort-wasm-simd-threaded.asyncify-HASH.wasm`.
 */
export function graphicsFile(name: string): string | undefined {
  if (!/^ort-wasm-simd-threaded\.asyncify-[\w-]+\.wasm$/.test(name)) return undefined;
  try {
    const package_ = createRequire(import.meta.url).resolve('onnxruntime-web');
    const file = join(dirname(package_), 'ort-wasm-simd-threaded.asyncify.wasm');
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Name of that file, as the page asks for it; undefined where onnxruntime-web is not installed. */
export function graphicsName(): string | undefined {
  const script = readdirSync(join(PAGE, 'assets')).find((name) => name.endsWith('.wasm.txt'));
  const name = script?.replace(/\.txt$/, '');
  return name !== undefined && graphicsFile(name) !== undefined ? name : undefined;
}

/** The folder of the sentence encoder's files; undefined where its package is not installed. */
export async function wordsFolder(): Promise<string | undefined> {
  try {
    return join((await findSentenceEncoder()).folder, 'dist');
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Address of the sentence encoder's files in the page. */
export const WORDS = 'encoders/sentence/';

/** What studio.json tells the page, beside what a local server offers. */
export function setupOf(models: readonly StudioModel[], hasWords: boolean) {
  return {
    models: models.map((model) => ({
      id: model.id,
      title: model.title,
      address: `models/${encodeURIComponent(model.id)}/`,
      // Where anchors were moved is asked for only when pictures are given to a class.
      files: filesOfModel(model).filter((name) => name !== RUN_FILES.anchorSpace),
    })),
    ...(hasWords && { words: WORDS }),
    graphics: graphicsName() !== undefined,
  };
}
