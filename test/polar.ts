import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** What a command printed and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the real command in a process of its own, with its own home and nothing of this machine's settings. */
export function startPolar(home: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const { HF_TOKEN: _, POLAR_MODEL: __, POLAR_INDEX: ___, ...inherited } = process.env;
  return spawn(process.execPath, [main, ...args], {
    env: { ...inherited, POLAR_HOME: home, HF_HOME: home, HF_HUB_OFFLINE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Waits for a command's end. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr!.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Runs the real command to its end. */
export const runPolar = (home: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> =>
  outcomeOf(startPolar(home, args, env));
