import type { ByteCursor } from './cursor.js';
import { decodeInteger, parseFloatText, parseInteger, parseQuoted, parseRawUnicode } from './literals.js';
import type { PickleMachine } from './machine.js';
import type { Item } from './values.js';

/** Carries out one instruction, whose first byte has been read. */
type Handler = (machine: PickleMachine, cursor: ByteCursor) => void;

/** First bytes of the instructions, by their names in Python's Lib/pickletools.py. */
const CODE = {
  MARK: 0x28,
  EMPTY_TUPLE: 0x29,
  STOP: 0x2e,
  POP: 0x30,
  POP_MARK: 0x31,
  DUP: 0x32,
  BINBYTES: 0x42,
  SHORT_BINBYTES: 0x43,
  FLOAT: 0x46,
  BINFLOAT: 0x47,
  INT: 0x49,
  BININT: 0x4a,
  BININT1: 0x4b,
  LONG: 0x4c,
  BININT2: 0x4d,
  NONE: 0x4e,
  PERSID: 0x50,
  BINPERSID: 0x51,
  REDUCE: 0x52,
  STRING: 0x53,
  BINSTRING: 0x54,
  SHORT_BINSTRING: 0x55,
  UNICODE: 0x56,
  BINUNICODE: 0x58,
  EMPTY_LIST: 0x5d,
  APPEND: 0x61,
  BUILD: 0x62,
  GLOBAL: 0x63,
  DICT: 0x64,
  APPENDS: 0x65,
  GET: 0x67,
  BINGET: 0x68,
  INST: 0x69,
  LONG_BINGET: 0x6a,
  LIST: 0x6c,
  OBJ: 0x6f,
  PUT: 0x70,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  SETITEM: 0x73,
  TUPLE: 0x74,
  SETITEMS: 0x75,
  EMPTY_DICT: 0x7d,
  PROTO: 0x80,
  NEWOBJ: 0x81,
  EXT1: 0x82,
  EXT2: 0x83,
  EXT4: 0x84,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  LONG1: 0x8a,
  LONG4: 0x8b,
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE8: 0x8d,
  BINBYTES8: 0x8e,
  EMPTY_SET: 0x8f,
  ADDITEMS: 0x90,
  FROZENSET: 0x91,
  NEWOBJ_EX: 0x92,
  STACK_GLOBAL: 0x93,
  MEMOIZE: 0x94,
  FRAME: 0x95,
  BYTEARRAY8: 0x96,
  NEXT_BUFFER: 0x97,
  READONLY_BUFFER: 0x98,
} as const;

const push =
  (read: (cursor: ByteCursor, machine: PickleMachine) => Item): Handler =>
  (machine, cursor) =>
    machine.push(read(cursor, machine));

const unsupported =
  (why: string): Handler =>
  (machine) =>
    machine.refuse(why);

const EXTENSION = unsupported('it uses a private registry of types, which is not data');
const BUFFER = unsupported('a part of its data lies in buffers outside the file; pickle it without buffer_callback');

const SCALARS: Record<number, Handler> = {
  [CODE.NONE]: push(() => null),
  [CODE.NEWTRUE]: push(() => true),
  [CODE.NEWFALSE]: push(() => false),
  // Protocol 0 writes booleans as 00 and 01.
  [CODE.INT]: push((c, m) => {
    const text = c.line();
    return text === '01' ? true : text === '00' ? false : parseInteger(text, m);
  }),
  [CODE.BININT]: push((c) => c.i32()),
  [CODE.BININT1]: push((c) => c.u8()),
  [CODE.BININT2]: push((c) => c.u16()),
  [CODE.LONG]: push((c, m) => parseInteger(c.line(), m)),
  [CODE.LONG1]: push((c, m) => decodeInteger(c.raw(c.u8()), m)),
  [CODE.LONG4]: push((c, m) => decodeInteger(c.raw(c.u32()), m)),
  [CODE.FLOAT]: push((c, m) => parseFloatText(c.line(), m)),
  [CODE.BINFLOAT]: push((c) => c.f64()),
  [CODE.STRING]: push((c, m) => parseQuoted(c.line(), m)),
  [CODE.BINSTRING]: push((c) => c.latin1(c.u32())),
  [CODE.SHORT_BINSTRING]: push((c) => c.latin1(c.u8())),
  [CODE.UNICODE]: push((c, m) => parseRawUnicode(c.line(), m)),
  [CODE.BINUNICODE]: push((c) => c.utf8(c.u32())),
  [CODE.SHORT_BINUNICODE]: push((c) => c.utf8(c.u8())),
  [CODE.BINUNICODE8]: push((c) => c.utf8(c.u64())),
  [CODE.BINBYTES]: push((c) => c.raw(c.u32())),
  [CODE.SHORT_BINBYTES]: push((c) => c.raw(c.u8())),
  [CODE.BINBYTES8]: push((c) => c.raw(c.u64())),
  [CODE.BYTEARRAY8]: push((c) => c.raw(c.u64())),
};

const COLLECTIONS: Record<number, Handler> = {
  [CODE.EMPTY_LIST]: push(() => []),
  [CODE.LIST]: (m) => m.push(m.popMark()),
  [CODE.APPEND]: (m) => append(m, [m.pop()]),
  [CODE.APPENDS]: (m) => append(m, m.popMark()),
  [CODE.EMPTY_TUPLE]: push(() => []),
  [CODE.TUPLE]: (m) => m.push(m.popMark()),
  [CODE.TUPLE1]: (m) => m.push([m.pop()]),
  [CODE.TUPLE2]: (m) => {
    const second = m.pop();
    m.push([m.pop(), second]);
  },
  [CODE.TUPLE3]: (m) => {
    const third = m.pop();
    const second = m.pop();
    m.push([m.pop(), second, third]);
  },
  [CODE.EMPTY_DICT]: push(() => new Map()),
  [CODE.DICT]: (m) => {
    const pairs = m.popMark();
    m.push(new Map());
    setItems(m, pairs);
  },
  [CODE.SETITEM]: (m) => {
    const value = m.pop();
    setItems(m, [m.pop(), value]);
  },
  [CODE.SETITEMS]: (m) => setItems(m, m.popMark()),
  [CODE.EMPTY_SET]: push(() => new Set()),
  [CODE.ADDITEMS]: (m) => {
    const items = m.popMark();
    const set = m.top();
    if (!(set instanceof Set)) return m.refuse('it is no pickle, or damaged: it adds to something that is no set');
    for (const item of items) set.add(item);
  },
  [CODE.FROZENSET]: (m) => m.push(new Set(m.popMark())),
};

const CALLS: Record<number, Handler> = {
  [CODE.GLOBAL]: (m, c) => m.global(c.line(), c.line()),
  [CODE.STACK_GLOBAL]: (m) => {
    const name = m.pop();
    m.global(m.pop(), name);
  },
  [CODE.REDUCE]: call,
  [CODE.NEWOBJ]: call,
  [CODE.NEWOBJ_EX]: (m) => {
    const named = m.pop();
    if (!(named instanceof Map) || named.size > 0) m.refuse('it calls something with named arguments');
    call(m);
  },
  [CODE.INST]: (m, c) => {
    const args = m.popMark();
    m.global(c.line(), c.line());
    m.call(m.pop(), args);
  },
  [CODE.OBJ]: (m) => {
    const [callee = null, ...args] = m.popMark();
    m.call(callee, args);
  },
  [CODE.BUILD]: (m) => m.build(m.pop()),
  [CODE.PERSID]: (m, c) => m.persistent(c.line()),
  [CODE.BINPERSID]: (m) => m.persistent(m.pop()),
  [CODE.EXT1]: EXTENSION,
  [CODE.EXT2]: EXTENSION,
  [CODE.EXT4]: EXTENSION,
  [CODE.NEXT_BUFFER]: BUFFER,
  [CODE.READONLY_BUFFER]: BUFFER,
};

const MACHINERY: Record<number, Handler> = {
  [CODE.PROTO]: (m, c) => {
    const protocol = c.u8();
    if (protocol > 5) m.refuse(`it is of protocol ${protocol}; save it with protocol 5 or lower`);
  },
  // A frame only says how much may be read at once.
  [CODE.FRAME]: (m, c) => {
    const length = c.u64();
    if (length > c.bytes.length - c.position) m.refuse(`${length} bytes should follow; it was cut short or is damaged`);
  },
  [CODE.MARK]: (m) => m.mark(),
  [CODE.POP]: (m) => m.drop(),
  [CODE.POP_MARK]: (m) => void m.popMark(),
  [CODE.DUP]: (m) => m.push(m.top()),
  [CODE.GET]: (m, c) => m.get(Number(parseInteger(c.line(), m))),
  [CODE.BINGET]: (m, c) => m.get(c.u8()),
  [CODE.LONG_BINGET]: (m, c) => m.get(c.u32()),
  [CODE.PUT]: (m, c) => m.put(Number(parseInteger(c.line(), m))),
  [CODE.BINPUT]: (m, c) => m.put(c.u8()),
  [CODE.LONG_BINPUT]: (m, c) => m.put(c.u32()),
  [CODE.MEMOIZE]: (m) => m.memoize(),
  [CODE.STOP]: (m) => m.stop(),
};

/** What each first byte of an instruction does (protocols 0 to 5), by Python's Lib/pickletools.py. */
export const OPCODES: readonly (Handler | undefined)[] = Array.from(
  { length: 256 },
  (_, code) => SCALARS[code] ?? COLLECTIONS[code] ?? CALLS[code] ?? MACHINERY[code],
);

function call(machine: PickleMachine): void {
  const args = machine.pop();
  machine.call(machine.pop(), args);
}

function append(machine: PickleMachine, items: Item[]): void {
  const list = machine.top();
  if (!Array.isArray(list)) machine.refuse('it is no pickle, or damaged: it appends to something that is no list');
  for (const item of items) list.push(item);
}

function setItems(machine: PickleMachine, pairs: Item[]): void {
  const map = machine.top();
  if (!(map instanceof Map) || pairs.length % 2 !== 0)
    machine.refuse('it is no pickle, or damaged: it sets items of something that is no dict');
  for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i], pairs[i + 1]);
}
