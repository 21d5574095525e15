import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.js';
import { filesOfModel, licenceOf, modelsAt } from './models.js';
import { checkPage, graphicsFile, graphicsName, PAGE, setupOf, WORDS, wordsFolder } from './page.js';

export interface StaticStudio {
  /** Whether words can be read in it: the sentence encoder's files are there. */
  words: boolean;
  models: string[];
}

/**
 * Writes the studio as files that any web server can hand out, whole or not at all; it then runs entirely in its readers'
 * browsers.
 * @param runs run directories; the first is the default.
 * @throws InputError where the directory holds anything, or a run is none.
 */
export async function buildStudio(directory: string, runs: readonly string[]): Promise<StaticStudio> {
  checkPage();
  const models = modelsAt(runs);
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new InputError(`${directory} holds files already. Give a new or an empty directory.`);
  const words = await wordsFolder();
  const staging = `${directory.replace(/[/\\]+$/, '')}.${process.pid}.tmp`;
  try {
    rmSync(staging, { recursive: true, force: true });
    cpSync(PAGE, staging, { recursive: true });
    const graphics = graphicsName();
    if (graphics !== undefined) cpSync(graphicsFile(graphics) as string, join(staging, 'assets', graphics));
    if (words !== undefined) cpSync(words, join(staging, WORDS), { recursive: true });
    for (const model of models) {
      const folder = join(staging, 'models', model.id);
      mkdirSync(folder, { recursive: true });
      for (const name of filesOfModel(model)) cpSync(join(model.folder, name), join(folder, name));
      const licence = licenceOf(model);
      if (licence !== undefined) cpSync(licence, join(folder, 'LICENSE'));
    }
    writeFileAtomic(join(staging, 'studio.json'), `${JSON.stringify(setupOf(models, words !== undefined), null, 2)}\n`);
    rmSync(directory, { recursive: true, force: true });
    renameSync(staging, directory);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return { words: words !== undefined, models: models.map(({ id }) => id) };
}
