import type { z } from 'zod';
import { InputError } from './errors.js';
import { nearestName, suggestion } from './names.js';
import { quote } from './words.js';

/** How problems are told. */
export interface Telling {
  /** What a named part is called: "field" when left out. */
  noun?: string;
  /** What to do about it, a sentence after the problems. */
  advice?: string;
  /** What is thrown; InputError when left out. */
  refusal?: new (
    message: string,
  ) => InputError;
}

/** At most this many problems are told at once. */
const MOST = 8;

/**
 * JSON that a schema allows.
 * @param source what sentences call it: a file, or a file and line
 * @throws InputError that says in words all that is wrong
 */
export function parseJson<T>(schema: z.ZodType<T>, json: string, source: string, telling: Telling = {}): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    // Where it was cut, or what stands in the way; the parser quotes a few characters.
    const why = (error as Error).message.replace(/ is not valid JSON$/, '');
    throw refusal(source, [`is not JSON: ${why}.`], telling, ' ');
  }
  return check(schema, value, source, telling);
}

/**
 * A value that a schema allows, as the schema makes it.
 * @throws InputError that says in words all that is wrong
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, source: string, telling: Telling = {}): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refusal(source, problemsOf(result.error, schema, value, telling.noun), telling);
}

/**
 * What is wrong with a value, a sentence each: unknown parts with the nearest known one, what stands where, and what
 * should. Each begins in lower case, to follow the name of the file.
 */
export function problemsOf(error: z.ZodError, schema: z.ZodType, value: unknown, noun = 'field'): string[] {
  const issues = error.issues.flatMap((issue) => plainIssues(issue));
  const misspelt = new Set<string>();
  const unknown = issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [];
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => {
      const near = nearestName(key, known);
      if (near !== undefined) misspelt.add(pathName([...issue.path, near]));
      const where = issue.path.length > 0 ? ` in ${pathName(issue.path)}` : '';
      return `there is no ${noun} ${quote(key)}${where}.${known.length > 0 ? suggestion(key, known) : ''}`;
    });
  });
  const others = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return [];
    const found = at(value, issue.path);
    const what = issue.path.length === 0 ? 'it' : `the ${noun} ${quotePath(issue.path)}`;
    // What was misspelt is not missing.
    if (found === undefined && misspelt.has(pathName(issue.path))) return [];
    const wanted = wantedOf(issue);
    return found === undefined && issue.path.length > 0
      ? [`${what} is missing; it ${wanted}.`]
      : [`${what} is ${valueName(found)}, but ${wanted}.`];
  });
  return [...new Set([...unknown, ...others])];
}

function refusal(
  source: string,
  problems: readonly string[],
  { advice, refusal: Refusal = InputError }: Telling,
  joint = ': ',
) {
  const more = advice === undefined ? '' : ` ${advice}`;
  if (problems.length === 1) return new Refusal(`${source}${joint}${problems[0]}${more}`);
  const shown = problems.slice(0, MOST).map((problem) => `\n- ${problem}`);
  if (problems.length > MOST) shown.push(`\n- and ${problems.length - MOST} more.`);
  return new Refusal(`${source}: ${problems.length} things are wrong.${shown.join('')}${more && `\n${more.trim()}`}`);
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** An alternative's own issues where one of the alternatives was clearly meant, else the issue itself. */
function plainIssues(issue: Issue): Issue[] {
  if (issue.code === 'invalid_union' && !isOwnMessage(issue.message)) {
    const meant = issue.errors.find(
      (own) => own.length > 0 && own.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
    );
    if (meant !== undefined)
      return meant.flatMap((inner) => plainIssues({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  // A record's key is refused by the rule for keys.
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => ({ ...inner, path: issue.path }) as Issue);
  return [issue];
}

/** Messages that a schema of ours gave, as "must be …", and not zod's own. */
function isOwnMessage(message: string): boolean {
  return !/^(Invalid|Too (big|small)|Unrecognized)/.test(message);
}

/** What should stand there: "must be …". */
function wantedOf(issue: Issue): string {
  if (isOwnMessage(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? `of the kind ${issue.expected}`}`;
    case 'invalid_value':
      return `must be ${alternatives(issue.values.map((value) => valueName(value)))}`;
    case 'too_small':
      return limit(issue.origin, Number(issue.minimum), issue.inclusive ? 'at least' : 'more than');
    case 'too_big':
      return limit(issue.origin, Number(issue.maximum), issue.inclusive ? 'at most' : 'less than');
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union': {
      const wanted = issue.errors.flatMap((own) => (own.length > 0 ? [wantedOf(own[0]).replace(/^must be /, '')] : []));
      return `must be ${alternatives([...new Set(wanted)])}`;
    }
    default:
      return `is refused (${issue.message})`;
  }
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object of named values',
  record: 'an object of named values',
  null: 'null',
};

function limit(origin: string, bound: number, relation: string): string {
  if (origin === 'string') return `must have ${relation} ${bound} character${bound === 1 ? '' : 's'}`;
  if (origin === 'array' || origin === 'set') return `must have ${relation} ${bound} entr${bound === 1 ? 'y' : 'ies'}`;
  return `must be ${relation} ${bound}`;
}

function alternatives(names: readonly string[]): string {
  const [last, ...others] = names.toReversed();
  return others.length === 0 ? `${last}` : `${others.toReversed().join(', ')} or ${last}`;
}

/** A value as a sentence may name it: never longer than a line. */
function valueName(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty' : quote(value);
  if (Array.isArray(value)) {
    const short = value.length <= 8 && value.every((item) => typeof item !== 'object' || item === null);
    return short ? `[${value.map(valueName).join(', ')}]` : `a list of ${value.length}`;
  }
  if (typeof value === 'object' && value !== null) return 'an object of named values';
  return String(value);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

const pathName = (path: Path): string => path.map(String).join('.');

/** Parts of a path come from files too, where a record's keys are anything. */
const quotePath = (path: Path): string => quote(pathName(path));

/** The names that the schema of a part knows; none where that cannot be told. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let found: z.core.$ZodType[] = [schema];
  for (const key of path) found = found.flatMap((one) => inside(one, key));
  return found
    .flatMap((one) => unwrapped(one))
    .flatMap(({ _zod: { def } }) => (def.type === 'object' ? Object.keys((def as z.core.$ZodObjectDef).shape) : []));
}

/** The schemas of what stands under a key. */
function inside(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  return unwrapped(schema).flatMap(({ _zod: { def } }): z.core.$ZodType[] => {
    if (def.type === 'object') {
      const inner = (def as z.core.$ZodObjectDef).shape[String(key)];
      return inner === undefined ? [] : [inner];
    }
    if (def.type === 'record') return [(def as z.core.$ZodRecordDef).valueType];
    if (def.type === 'array') return [(def as z.core.$ZodArrayDef).element];
    return [];
  });
}

/** The schemas that one wraps (optional, default, …) or chooses between. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { def } = schema._zod;
  if (def.type === 'union') return (def as z.core.$ZodUnionDef).options.flatMap(unwrapped);
  if (def.type === 'pipe') return unwrapped((def as z.core.$ZodPipeDef).in);
  const { innerType } = def as Partial<z.core.$ZodOptionalDef>;
  return innerType === undefined ? [schema] : unwrapped(innerType);
}
