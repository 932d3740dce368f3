/**
 * An error that the user can act on: its message is one line that names the file, what was found,
 * what was expected and what to do. The command line prints the message alone, without a stack.
 */
export class PolarError extends Error {
  override name = 'PolarError';
}
