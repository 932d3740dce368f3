import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const compiler = fileURLToPath(new URL('../node_modules/typescript-native/bin/tsc', import.meta.url));

/** Runs the compiler in a folder; where it finds mistakes, rejects with an error whose `stdout` lists them. */
export const tsc = (args: readonly string[], cwd: string): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, [compiler, ...args], { cwd });
