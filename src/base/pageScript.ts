import { readFileSync } from 'node:fs';

/**
 * The bundled script of a page, to stand inside a script element.
 * @param name path of its source in src/, without `.page.ts`.
 */
export function pageScript(name: string): string {
  // dist/ is the same place seen from src/base and from dist/base.
  return readFileSync(new URL(`../../dist/${name}.page.js`, import.meta.url), 'utf8').replaceAll('</', '<\\/');
}
