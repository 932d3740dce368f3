import { z } from 'zod';
import { readJsonFile, writeBeside } from '../node/files.ts';
import { inHome } from '../node/home.ts';
import { isAlive, thisProcess } from '../node/process-identity.ts';

const Record = z.object({
  url: z.url({ protocol: /^http$/ }),
  host: z.string(),
  index: z.string(),
  model: z.string(),
  process: z.object({ machine: z.string(), pid: z.number(), started: z.string() }),
});

/** The server that a user's folder was served by last. */
export interface ServerRecord {
  /** Address of the app, without a slash at the end. */
  readonly url: string;
  /** Address that it listens at. */
  readonly host: string;
  readonly index: string;
  /** Model that was named; empty where none was. */
  readonly model: string;
}

/** Remembers where this process serves a user's folder. */
export async function recordServer(home: string, record: ServerRecord): Promise<void> {
  const content = JSON.stringify({ ...record, process: thisProcess() });
  await writeBeside(inHome(home).server, `${content}\n`, 0o600);
}

/** The server that was recorded last, and whether it answers now; undefined where none was. */
export async function lastServer(home: string): Promise<(ServerRecord & { isRunning: boolean }) | undefined> {
  const { data } = Record.safeParse(await readJsonFile(inHome(home).server));
  if (data === undefined) return undefined;
  const { process, ...record } = data;
  return { ...record, isRunning: (await isAlive(process)) !== false && (await answers(record.url)) };
}

const ANSWERS_WITHIN_MS = 2000;

/** Whether anything serves there: where a process cannot be told from a later one, its number may be another's. */
async function answers(url: string): Promise<boolean> {
  const options = { method: 'HEAD', signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) };
  return fetch(url, options).then(
    () => true,
    () => false,
  );
}
