import type { PolarError } from '../../errors.ts';

/** A Python object that a pickle names; nothing is imported. */
export class Global {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A call that a pickle asks for; nothing is called. */
export class Reduced {
  readonly callee: Global;
  readonly args: readonly unknown[];
  constructor(callee: Global, args: readonly unknown[]) {
    this.callee = callee;
    this.args = args;
  }
}

/** A persistent id: torch's reference to a storage outside the pickle. */
export class Stored {
  readonly id: readonly unknown[];
  constructor(id: readonly unknown[]) {
    this.id = id;
  }
}

const MARK = Symbol('mark');

/**
 * Reads a pickle as data: dictionaries as `Map`, tuples and lists as arrays, calls as `Reduced`. Only the
 * opcodes that `torch.save` writes for a dictionary of tensors and strings are known.
 *
 * @param allowed the globals that may be named
 * @throws what `refuse` makes, for anything else
 */
export function readPickle(
  bytes: Uint8Array,
  allowed: readonly string[],
  refuse: (what: string) => PolarError,
): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  let at = 0;
  const take = (count: number): number => {
    if (at + count > bytes.length) throw refuse('the pickle is cut short');
    at += count;
    return at - count;
  };
  const text = (length: number): string => {
    const from = take(length);
    return new TextDecoder().decode(bytes.subarray(from, from + length));
  };
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw refuse('the pickle is cut short');
    return text(end + 1 - at).slice(0, -1);
  };
  const pop = (): unknown => {
    if (stack.length === 0) throw refuse('the pickle is damaged');
    return stack.pop();
  };
  const popToMark = (): unknown[] => {
    const mark = stack.lastIndexOf(MARK);
    if (mark < 0) throw refuse('the pickle is damaged');
    return stack.splice(mark).slice(1);
  };
  const recall = (key: number): void => {
    if (!memo.has(key)) throw refuse('the pickle is damaged');
    stack.push(memo.get(key));
  };
  const setItems = (items: readonly unknown[]): void => {
    const target = stack.at(-1);
    if (!(target instanceof Map) || items.length % 2 !== 0) throw refuse('the pickle is damaged');
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
  };
  const popArguments = (): unknown[] => {
    const args = pop();
    if (!Array.isArray(args)) throw refuse('the pickle is damaged');
    return args;
  };
  const opcodes: Readonly<Record<number, () => void>> = {
    128: () => take(1), // PROTO
    40: () => stack.push(MARK), // (
    125: () => stack.push(new Map()), // }
    93: () => stack.push([]), // ]
    41: () => stack.push([]), // )
    78: () => stack.push(null), // N
    136: () => stack.push(true), // NEWTRUE
    137: () => stack.push(false), // NEWFALSE
    75: () => stack.push(view.getUint8(take(1))), // K BININT1
    77: () => stack.push(view.getUint16(take(2), true)), // M BININT2
    74: () => stack.push(view.getInt32(take(4), true)), // J BININT
    88: () => stack.push(text(view.getUint32(take(4), true))), // X BINUNICODE
    140: () => stack.push(text(view.getUint8(take(1)))), // SHORT_BINUNICODE
    113: () => memo.set(view.getUint8(take(1)), stack.at(-1)), // q BINPUT
    114: () => memo.set(view.getUint32(take(4), true), stack.at(-1)), // r LONG_BINPUT
    104: () => recall(view.getUint8(take(1))), // h BINGET
    106: () => recall(view.getUint32(take(4), true)), // j LONG_BINGET
    116: () => stack.push(popToMark()), // t TUPLE
    133: () => stack.push([pop()]), // TUPLE1
    134: () => stack.push([pop(), pop()].reverse()), // TUPLE2
    135: () => stack.push([pop(), pop(), pop()].reverse()), // TUPLE3
    115: () => setItems([pop(), pop()].reverse()), // s SETITEM
    117: () => setItems(popToMark()), // u SETITEMS
    81: () => stack.push(new Stored(popArguments())), // Q BINPERSID
    99: () => {
      const name = `${line()}.${line()}`; // c GLOBAL
      if (!allowed.includes(name)) throw refuse(`it names ${name}, which is never run here`);
      stack.push(new Global(name));
    },
    82: () => {
      const args = popArguments(); // R REDUCE
      const callee = pop();
      if (!(callee instanceof Global)) throw refuse('the pickle is damaged');
      stack.push(new Reduced(callee, args));
    },
  };
  for (;;) {
    const opcode = bytes[take(1)]!;
    if (opcode === 0x2e) return pop(); // STOP
    const run = opcodes[opcode];
    if (run === undefined) throw refuse(`opcode 0x${opcode.toString(16)} in the pickle`);
    run();
  }
}

/** Writes the few kinds of values that a checkpoint holds, in pickle protocol 2 as `torch.save` does. */
export class PickleWriter {
  readonly #bytes: number[] = [0x80, 2];

  dictionary(entries: readonly (readonly [key: string, value: () => void])[]): void {
    this.#bytes.push(0x7d, 0x28);
    for (const [key, value] of entries) {
      this.string(key);
      value();
    }
    this.#bytes.push(0x75);
  }

  string(value: string): void {
    const text = new TextEncoder().encode(value);
    this.#bytes.push(0x58, ...uint32(text.length), ...text);
  }

  integer(value: number): void {
    this.#bytes.push(0x4a, ...uint32(value));
  }

  integers(values: readonly number[]): void {
    this.#bytes.push(0x28);
    for (const value of values) this.integer(value);
    this.#bytes.push(0x74);
  }

  false(): void {
    this.#bytes.push(0x89);
  }

  /** A call of `module.name` with the arguments that `args` writes. */
  call(module: string, name: string, args: () => void): void {
    this.#global(module, name);
    this.#bytes.push(0x28);
    args();
    this.#bytes.push(0x74, 0x52);
  }

  /** torch's reference to the record `data/<key>`. */
  storage(type: string, key: string, count: number): void {
    this.#bytes.push(0x28);
    this.string('storage');
    this.#global('torch', type);
    this.string(key);
    this.string('cpu');
    this.integer(count);
    this.#bytes.push(0x74, 0x51);
  }

  finish(): Uint8Array {
    return Uint8Array.from([...this.#bytes, 0x2e]);
  }

  #global(module: string, name: string): void {
    this.#bytes.push(0x63, ...new TextEncoder().encode(`${module}\n${name}\n`));
  }
}

function uint32(value: number): number[] {
  return [...new Uint8Array(Uint32Array.of(value).buffer)];
}
