import { stderr } from 'node:process';
import { inspect } from 'node:util';
import { clean } from '../words.ts';

/** Shows the person at the terminal where a fault of this program happened; the terminal obeys nothing in it. */
export function reportFault(error: unknown): void {
  stderr.write(`${inspect(error).split('\n').map(clean).join('\n')}\n`);
}
