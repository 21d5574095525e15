import { isNdArray } from '../ndarray.js';
import type { Item, PickleValue } from './values.js';

/** Data are nested a few levels; a reader of theirs may walk them recursively. */
const MAX_DEPTH = 100;

/** Values that a walk may meet beyond those a file spells out one by one. */
const MAX_REPEATED = 2 ** 28;

interface Frame {
  container: object;
  children: readonly Item[];
  next: number;
  /** Values met when walking the container, shared ones each time. */
  size: number;
}

/**
 * Gives back what a pickle built if it is plain data that can be walked in reasonable time; refuses containers that
 * hold themselves, are nested too deeply, or repeat shared parts so often ("billion laughs") that a walk never ends.
 * @param fileBytes length of the file, which bounds what it spells out
 */
export function soundValue(root: Item, fileBytes: number, refuse: (why: string) => never): PickleValue {
  const sizes = new Map<object, number>();
  const open = new Set<object>();
  const path: Frame[] = [];
  const limit = MAX_REPEATED + fileBytes;

  /** The size of what needs no walk; undefined where a frame was opened for it. */
  const visit = (item: Item): number | undefined => {
    if (typeof item !== 'object' || item === null || item instanceof Uint8Array) return 1;
    const known = sizes.get(item);
    if (known !== undefined) return known;
    if (open.has(item)) return refuse('it holds a container that contains itself');
    const children = childrenOf(item);
    if (children === undefined) {
      if (!isNdArray(item)) return refuse('it holds a Python type or an unfinished array where data should be');
      return item.data.length + 1;
    }
    if (path.length >= MAX_DEPTH) return refuse(`it is nested more than ${MAX_DEPTH} levels deep`);
    open.add(item);
    path.push({ container: item, children, next: 0, size: 1 });
    return undefined;
  };

  visit(root);
  for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
    let entered = false;
    while (!entered && frame.next < frame.children.length) {
      const size = visit(frame.children[frame.next++]);
      if (size === undefined) entered = true;
      else frame.size += size;
    }
    if (entered) continue;
    if (frame.size > limit) refuse('it repeats parts of itself without end');
    path.pop();
    open.delete(frame.container);
    sizes.set(frame.container, frame.size);
    const parent = path.at(-1);
    if (parent !== undefined) parent.size += frame.size;
  }
  return root as PickleValue;
}

function childrenOf(item: Item & object): readonly Item[] | undefined {
  if (Array.isArray(item)) return item;
  if (item instanceof Map) return [...item.keys(), ...item.values()];
  if (item instanceof Set) return [...item];
  return undefined;
}
