import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import { modelPath } from '../prediction/node/named.js';
import { isRunDirectory, RUN_FILES, readRunConfig } from '../run/index.js';

/** A model that a page may open. */
export interface StudioModel {
  /** What addresses call it. */
  id: string;
  title: string;
  folder: string;
}

/** The files of a run that a page needs to compute with it. */
const NEEDED = ['config', 'model', 'standardise', 'anchors', 'anchorSpace'] as const;

/** The terms of a model that is a package of its own: the file goes with it. */
export function licenceOf({ folder }: StudioModel): string | undefined {
  const file = join(folder, '..', 'LICENSE');
  return basename(folder) === 'model' && existsSync(file) ? file : undefined;
}

/** The names of those that a run has. */
export function filesOfModel({ folder }: StudioModel): string[] {
  return NEEDED.map((file) => RUN_FILES[file]).filter((name) => existsSync(join(folder, name)));
}

/** @returns undefined where the model has no such file, or none that a page needs. */
export async function fileOfModel(model: StudioModel, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return filesOfModel(model).includes(name) ? readFile(join(model.folder, name)) : undefined;
}

/**
 * @param names run directories, or names of models that are installed ("starter"); the first is the default.
 * @throws InputError where one is none, or has not begun.
 */
export function modelsAt(names: readonly string[]): StudioModel[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const run = modelPath(name);
    if (!isRunDirectory(run)) throw new InputError(`${run} is no run directory; "vega-merc train" makes one.`);
    if (!existsSync(join(run, RUN_FILES.model)))
      throw new InputError(`${run} has no ${RUN_FILES.model} yet: its first epoch was not completed.`);
    const base = idOf(basename(resolve(name)));
    let id = base;
    for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
    taken.add(id);
    const { corpus } = readRunConfig(run);
    const own = basename(resolve(name));
    return { id, title: own === corpus.name ? own : `${own} (${corpus.name})`, folder: run };
  });
}

/** As it may stand in an address and in a file's name. */
const idOf = (name: string): string => name.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '') || 'model';
