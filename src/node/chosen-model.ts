import { readFile } from 'node:fs/promises';
import { writeBeside } from './files.ts';
import { inHome, polarHome } from './home.ts';

const MAX_NAME = 300;

/** The model that was chosen in the app: `org/name@commit`, or `toybox`; undefined where none was. */
export async function chosenModel(home = polarHome()): Promise<string | undefined> {
  const name = (await readFile(inHome(home).model, 'utf8').catch(() => '')).trim();
  return name !== '' && name.length <= MAX_NAME && !/\p{Cc}/u.test(name) ? name : undefined;
}

/** Keeps the choice for the next start, and for the commands. */
export const keepChosenModel = (name: string, home = polarHome()): Promise<void> =>
  writeBeside(inHome(home).model, `${name}\n`);
