/** A place where two JSON values differ, by its path, as `splits.test.classHead.accuracy`. */
export interface Difference {
  path: string;
  recorded: unknown;
  found: unknown;
}

/** Numbers that differ by less are the same: the last digits of a sum may differ between versions of Node. */
const SAME = 1e-12;

/**
 * Every leaf at which two values differ once they are written as JSON; a field that one lacks is undefined there.
 * @param path of the values themselves, before those of their fields.
 */
export function differences(recorded: unknown, found: unknown, path: string): Difference[] {
  return compare(asJson(recorded), asJson(found), path);
}

const asJson = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

function compare(recorded: unknown, found: unknown, path: string): Difference[] {
  if (isObject(recorded) && isObject(found)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(found)])];
    return keys.flatMap((key) => compare(recorded[key], found[key], path === '' ? key : `${path}.${key}`));
  }
  const same =
    typeof recorded === 'number' && typeof found === 'number' ? Math.abs(recorded - found) <= SAME : recorded === found;
  return same ? [] : [{ path, recorded, found }];
}

/** An array is compared like an object with the fields 0, 1, … */
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** How many differences a sentence names. */
const NAMED = 3;

/**
 * A sentence on some differences. @param where they were found, as "evaluation.json"; @param source of the other side,
 * as "the recorded outputs".
 */
export function describeDifferences(list: readonly Difference[], where: string, source: string): string {
  const said = list
    .slice(0, NAMED)
    .map(({ path, recorded, found }) => `${path} is ${show(recorded)} and not ${show(found)}`);
  const more = list.length > NAMED ? `; ${list.length - NAMED} more fields differ` : '';
  return `${where} does not agree with ${source}: ${said.join(', ')}${more}.`;
}

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));
