import { signal } from '@preact/signals';
import { S } from '../strings.js';
import { thinker } from '../thinking/thinker.js';
import type { Device, MapInfo, ModelInfo } from '../thinking/types.js';
import { setup } from './setup.js';

/** An opened model, under the key that the worker knows it by. */
export interface OpenedModel {
  key: string;
  id: string;
  address: string;
  info: ModelInfo;
}

export const model = signal<OpenedModel | undefined>(undefined);
export const opening = signal<string | undefined>(undefined);
export const problem = signal<string | undefined>(undefined);
export const device = signal<Device>('wasm');
export const map = signal<MapInfo | undefined>(undefined);

/** Opens one of the models of the setup. */
export async function openModel(id: string): Promise<OpenedModel | undefined> {
  const known = setup.value?.models.find((one) => one.id === id);
  if (known === undefined) return undefined;
  const address = new URL(known.address, document.baseURI).href;
  const key = `${id} ${device.value}`;
  const info = await thinker.open(key, address, known.files, wordsAddress(), device.value);
  return { key, id, address, info };
}

export function wordsAddress(): string | undefined {
  const words = setup.value?.words;
  return words && new URL(words, document.baseURI).href;
}

/** Makes one of the setup's models the one that answers. */
export async function choose(id: string): Promise<void> {
  opening.value = id;
  problem.value = undefined;
  try {
    const opened = await openModel(id);
    if (opening.value !== id) return;
    model.value = opened;
    map.value = undefined;
  } catch (error) {
    if (opening.value === id) problem.value = (error as Error).message;
  } finally {
    if (opening.value === id) opening.value = undefined;
  }
}

/** Lets processor or graphics card compute; where the card cannot, what was chosen before goes on. */
export async function computeOn(next: Device): Promise<void> {
  const before = device.value;
  device.value = next;
  // Pages that are reached by http from elsewhere have no navigator.gpu.
  const adapter = next === 'webgpu' ? await navigator.gpu?.requestAdapter().catch(() => null) : undefined;
  if (adapter === null) {
    device.value = before;
    problem.value = S.device.none;
    return;
  }
  const id = model.value?.id ?? setup.value?.models[0]?.id;
  if (id === undefined) return;
  await choose(id);
  if (problem.value === undefined) return;
  device.value = before;
  problem.value = S.device.failed(problem.value);
}

/** The map is made when it is first looked at. */
export async function needMap(): Promise<void> {
  const now = model.value;
  if (now === undefined || map.value !== undefined) return;
  const made = await thinker.map(now.key);
  if (model.value === now) map.value = made;
}
