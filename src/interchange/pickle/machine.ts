import { ByteCursor } from './cursor.js';
import { ElementType, NUMPY_GLOBALS, setArrayState, setDtypeState } from './numpy.js';
import { OPCODES } from './opcodes.js';
import { PLAIN_GLOBALS } from './plain.js';
import { TORCH_DTYPES, TORCH_GLOBALS } from './tensors.js';
import { Callable, type Item, PendingArray, type PersistentId, type Work } from './values.js';

const GLOBALS = new Map<string, Item>([
  ...[...PLAIN_GLOBALS, ...NUMPY_GLOBALS, ...TORCH_GLOBALS].map((entry) => [entry.name, entry] as const),
  ...TORCH_DTYPES.map((name) => [name, name] as const),
]);

/** Bytes or elements that a reading may make, so that a small file cannot fill the memory or take for ever. */
export class Account {
  private left: number;
  /** @param fileBytes length of the file: what it may ask for grows with what it holds */
  constructor(fileBytes: number) {
    this.left = 2 ** 24 + 16 * fileBytes;
  }
  /** False when the account is overdrawn. */
  pay(amount: number): boolean {
    this.left -= amount;
    return this.left >= 0;
  }
}

/**
 * The stack machine that a pickle is a program for (Python's Lib/pickletools.py describes it), without the
 * instructions' power to import and call: names are looked up in a fixed table, whose functions only build data.
 */
export class PickleMachine implements Work {
  readonly cursor: ByteCursor;
  readonly source: string;
  private readonly account: Account;
  private readonly persistentId: PersistentId | undefined;
  private readonly inner: boolean;
  private stack: Item[] = [];
  private marked: Item[][] = [];
  private memo: Item[] = [];
  private running = true;

  /** @param inner true for a pickle within a pickle, which may hold no further one */
  constructor(cursor: ByteCursor, account: Account, persistentId?: PersistentId, inner = false) {
    this.cursor = cursor;
    this.source = cursor.source;
    this.account = account;
    this.persistentId = persistentId;
    this.inner = inner;
  }

  /** Carries out instructions up to the end of one pickle and gives what it built. */
  run(): Item {
    const { cursor } = this;
    while (this.running) {
      cursor.instruction = cursor.position;
      const handler = OPCODES[cursor.u8()];
      if (handler === undefined) this.refuse('it is no pickle, or damaged: there is no such instruction');
      handler(this, cursor);
    }
    return this.pop();
  }

  refuse(why: string): never {
    return this.cursor.refuse(why);
  }

  charge(amount: number): void {
    if (!this.account.pay(amount)) this.refuse('it asks for far more data than the file holds');
  }

  nested(bytes: Uint8Array, what: string, persistentId?: PersistentId) {
    if (this.inner) this.refuse('it nests pickles within pickles');
    this.charge(bytes.length);
    const cursor = new ByteCursor(bytes, `${this.source}, ${what} at byte ${this.cursor.instruction},`);
    return {
      next: () => new PickleMachine(cursor, this.account, persistentId, true).run(),
      rest: () => bytes.subarray(cursor.position),
    };
  }

  stop(): void {
    this.running = false;
  }

  push(item: Item): void {
    this.stack.push(item);
  }

  pop(): Item {
    const item = this.stack.pop();
    return item === undefined ? this.refuse('it is no pickle, or damaged: it uses a value that is not there') : item;
  }

  /** POP drops a value or, where none lies above it, the mark. */
  drop(): void {
    if (this.stack.length > 0) this.stack.pop();
    else this.popMark();
  }

  top(): Item {
    const item = this.stack.at(-1);
    return item === undefined ? this.refuse('it is no pickle, or damaged: it uses a value that is not there') : item;
  }

  mark(): void {
    this.marked.push(this.stack);
    this.stack = [];
  }

  /** All items above the last mark, as an array of their own. */
  popMark(): Item[] {
    const above = this.stack;
    const below = this.marked.pop();
    if (below === undefined) return this.refuse('it is no pickle, or damaged: a group ends that never began');
    this.stack = below;
    return above;
  }

  put(index: number): void {
    // A pickle numbers what it remembers one by one, so a larger index than bytes in the file is a lie.
    if (!(index >= 0 && index <= this.cursor.bytes.length))
      this.refuse('it is no pickle, or damaged: it remembers a value as nothing');
    this.memo[index] = this.top();
  }

  memoize(): void {
    this.memo.push(this.top());
  }

  get(index: number): void {
    const item = this.memo[index];
    if (item === undefined) this.refuse('it is no pickle, or damaged: it recalls a value that it never remembered');
    this.stack.push(item instanceof PendingArray && item.value !== undefined ? item.value : item);
  }

  /** Pushes what `module.name` stands for. */
  global(module: Item, name: Item): void {
    if (typeof module !== 'string' || typeof name !== 'string') this.refuse('it names a Python object by no name');
    const asked = `${module}.${name}`;
    const known = GLOBALS.get(asked.replace(/^__builtin__\./, 'builtins.').replace(/^numpy\._core\./, 'numpy.core.'));
    if (known === undefined) {
      this.refuse(
        `it asks for the Python object ${JSON.stringify(asked.slice(0, 200))}, which is not data; only plain Python data, numpy arrays and torch tensors can be read, and nothing is ever executed`,
      );
    }
    this.stack.push(known);
  }

  call(callee: Item, args: Item): void {
    if (!(callee instanceof Callable) || !Array.isArray(args))
      this.refuse('it is no pickle, or damaged: it calls something that is no function');
    const result: Item | undefined = callee.call(args, this);
    this.stack.push(result === undefined ? this.refuse(`it calls ${callee.name} with too little`) : result);
  }

  /** BUILD: fills the object on top with its state. */
  build(state: Item): void {
    const target = this.top();
    if (target instanceof PendingArray) this.stack[this.stack.length - 1] = setArrayState(target, state, this);
    else if (target instanceof ElementType) setDtypeState(target, state, this);
    // An OrderedDict may carry attributes, as torch's state dicts do (_metadata); they are no data.
    else if (!(target instanceof Map)) this.refuse('it gives a state to something that has none');
  }

  persistent(id: Item): void {
    if (this.persistentId === undefined)
      this.refuse('it refers to something outside it; if torch.save wrote this file, it is no plain pickle');
    this.stack.push(this.persistentId(id, this));
  }
}
