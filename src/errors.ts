/**
 * An error that the user can act on: its message is one line that names the file, what was found,
 * what was expected and what to do. The command line prints the message alone, without a stack.
 */
export class PolarError extends Error {
  override name = 'PolarError';
}

/**
 * A failure that may be over the next time: a permission, a disk that is away, too little memory, a file that is being
 * written. It is never recorded as a fact about a file.
 */
export class PassingError extends PolarError {
  /** The file system's code, or the one that comes nearest. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}
