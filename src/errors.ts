/**
 * Kinds of errors, so that a program need not read the words:
 *
 * | code | the cause | what helps |
 * |---|---|---|
 * | `invalid-input` | an argument, option or request cannot be used | another value |
 * | `not-found` | there is no such file, folder, photo, concept or model | check the name |
 * | `exists` | there is one of this name already | another name, or replace it |
 * | `unreadable` | a file or an answer cannot be opened, is damaged or of another format | another copy, or its permissions |
 * | `unwritable` | a file, folder or index cannot be written | permissions, or room on the disk |
 * | `too-large` | more bytes, pixels, tokens or photos than the limit | less of it |
 * | `wrong-model` | a concept, index or checkpoint belongs to another model | the model that the message names |
 * | `nothing-indexed` | the library holds no photos of this model | index a folder first |
 * | `unreachable` | the network or the hub does not answer, or refuses | check connection and token, try again later |
 * | `busy` | another process or task holds what is needed | wait, or stop the other |
 */
export const ERROR_CODES = [
  'invalid-input',
  'not-found',
  'exists',
  'unreadable',
  'unwritable',
  'too-large',
  'wrong-model',
  'nothing-indexed',
  'unreachable',
  'busy',
] as const;
/** One of `ERROR_CODES`. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * An error that the user can act on: its message is one line that names the file, what was found,
 * what was expected and what to do. The command line prints the message alone, without a stack.
 */
export class PolarError extends Error {
  override name = 'PolarError';
  /** The kind of error, see `ERROR_CODES`. */
  readonly code: ErrorCode;

  /** @param code `invalid-input` when absent */
  constructor(message: string, code: ErrorCode = 'invalid-input') {
    super(oneLine(message));
    this.code = code;
  }
}

// A path may have 4,096 bytes; what a hostile file says of itself may have megabytes.
const MAX_MESSAGE = 5000;
const MAX_QUOTED = 100;
const MAX_ITEMS = 5;

function oneLine(message: string): string {
  const line = message.replace(/\s*\n\s*/g, ' ');
  return line.length > MAX_MESSAGE
    ? `${line.slice(0, MAX_MESSAGE / 2)}…${line.slice(-MAX_MESSAGE / 2)}`
    : line;
}

/** A value from a file for a message: as JSON, but short, whatever it is and however deep. */
export function quote(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > MAX_QUOTED
      ? `${JSON.stringify(value.slice(0, MAX_QUOTED))}…`
      : JSON.stringify(value);
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = (item: unknown) =>
    typeof item !== 'object' || item === null ? quote(item) : Array.isArray(item) ? '[…]' : '{…}';
  const rest = (length: number) => (length > MAX_ITEMS ? ',…' : '');
  if (Array.isArray(value)) {
    return `[${value.slice(0, MAX_ITEMS).map(inner).join(',')}${rest(value.length)}]`;
  }
  const entries = Object.entries(value);
  const shown = entries.slice(0, MAX_ITEMS).map(([key, item]) => `${quote(key)}:${inner(item)}`);
  return `{${shown.join(',')}${rest(entries.length)}}`;
}

/**
 * A failure that may be over the next time: a permission, a disk that is away, too little memory, a file that is being
 * written. It is never recorded as a fact about a file.
 */
export class PassingError extends PolarError {
  /** The file system's code (`EACCES`), or the one that comes nearest. */
  readonly systemCode: string;

  constructor(message: string, systemCode: string) {
    super(message, systemCode === 'ENOENT' || systemCode === 'ENOTDIR' ? 'not-found' : 'unreadable');
    this.systemCode = systemCode;
  }
}
