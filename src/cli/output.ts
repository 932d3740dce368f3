import { stderr, stdout } from 'node:process';
import { createColors } from 'picocolors';
import { clean } from '../words.ts';

/** Whether results get colours: on a terminal, unless NO_COLOR is set; elsewhere where FORCE_COLOR asks for them. */
function wantsColours({ NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  // Away from a terminal it is undefined, which picocolors would take for leave to decide itself, with yes under CI.
  return Boolean(stdout.isTTY) && TERM !== 'dumb';
}

// Stands for the escape character in what `colour` makes; the name of a file cannot know it. Not from node:crypto, which
// takes a tenth of the start of `polar --help`.
const ESCAPE = `\u{e000}${Math.random()}${Math.random()}`;

type Colour = 'bold' | 'dim' | 'cyan';
const colours = createColors(wantsColours(process.env));
const paint = (name: Colour) => (text: string) => colours[name](clean(text)).replaceAll('\x1b', ESCAPE);

/** Emphasis in a line for `print` or `say`, which take all other control characters away. */
export const colour = { bold: paint('bold'), dim: paint('dim'), cyan: paint('cyan') };

const cleanLine = (line: string): string => clean(line).replaceAll(ESCAPE, '\x1b');

/** A line for the person at the terminal; never part of the results. */
export function say(line: string, end = '\n'): void {
  stderr.write(`${cleanLine(line)}${end}`);
}

/** A line of results in words. */
export function print(line: string): void {
  stdout.write(`${cleanLine(line)}\n`);
}

/** A line of results that the next program takes as it is, such as a path: in a pipe nothing of it is changed. */
export function printData(line: string, end = '\n'): void {
  stdout.write(`${stdout.isTTY ? clean(line) : line}${end}`);
}

/** Results for programs. JSON leaves some control characters as they are, which a terminal may obey. */
export function printJson(value: unknown, indent: 0 | 2 = 2): void {
  const json = JSON.stringify(value, null, indent);
  const code = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  stdout.write(`${json.replace(/[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, code)}\n`);
}

export { count, size } from '../words.ts';
