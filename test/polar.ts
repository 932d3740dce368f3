import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../src/cli/run-command.ts';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** What a command printed and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a command: its own home and nothing of this machine's settings. */
const environment = (home: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...process.env,
  ...{ HF_TOKEN: undefined, POLAR_MODEL: undefined, POLAR_INDEX: undefined },
  ...{ POLAR_HOME: home, HF_HOME: home, HF_HUB_OFFLINE: '1' },
  ...env,
});

/** Starts the real command in a process of its own, with its own home and nothing of this machine's settings. */
export function startPolar(home: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    env: environment(home, env),
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

/** Runs the real command in a process of its own to its end: for what a process does, and its environment. */
export const spawnPolar = (
  home: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<Outcome> => outcomeOf(startPolar(home, args, env));

let previous: Promise<unknown> = Promise.resolve();

/**
 * Runs a command to its end in this process, where a command costs a tenth: the program and its native libraries are
 * loaded once. Commands that are asked for together take turns, since they share the environment and the streams.
 */
export function runPolar(
  home: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const outcome = previous.then(() => runHere(args, environment(home, env)));
  previous = outcome.catch(() => {});
  return outcome;
}

async function runHere(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const { stdout, stderr } = process;
  const real = { env: { ...process.env }, code: process.exitCode, out: stdout.write, err: stderr.write };
  const written = { stdout: '', stderr: '' };
  const collect =
    (stream: keyof typeof written): typeof stdout.write =>
    (chunk: string | Uint8Array, encoding?: unknown, done?: (error?: Error) => void) => {
      written[stream] += Buffer.from(chunk as string).toString();
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
  setEnvironment(env);
  process.exitCode = undefined;
  stdout.write = collect('stdout');
  stderr.write = collect('stderr');
  try {
    await runCommand(args);
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    stdout.write = real.out;
    stderr.write = real.err;
    process.exitCode = real.code;
    setEnvironment(real.env);
  }
}

/** Makes these all of this process's variables. */
function setEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
}
