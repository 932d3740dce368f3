import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** One run of one process: tells it apart from a later process that was given the same number. */
export interface ProcessIdentity {
  /** Within which process numbers mean something: the machine and, on Linux, its boot and the container. */
  readonly machine: string;
  readonly pid: number;
  /** On Linux the process's start in clock ticks since boot, elsewhere what this process can recognise itself by. */
  readonly started: string;
}

let own: ProcessIdentity | undefined;

/** The identity of this process. */
export function thisProcess(): ProcessIdentity {
  own ??= {
    machine: [hostname(), textOf('/proc/sys/kernel/random/boot_id'), linkOf('/proc/self/ns/pid')].join(' '),
    pid: process.pid,
    started: startOf(textOf('/proc/self/stat'))?.ticks ?? String(performance.timeOrigin),
  };
  return own;
}

/**
 * Whether a process is alive, as far as that can be known for sure.
 *
 * @returns undefined for a process of another machine, or where this system doesn't tell
 */
export async function isAlive({ machine, pid, started }: ProcessIdentity): Promise<boolean | undefined> {
  const self = thisProcess();
  if (machine !== self.machine) return undefined;
  // In a container every program may be number 1: the own number with another start was an earlier run.
  if (pid === self.pid) return started === self.started;
  const found = startOf(await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''));
  if (found !== undefined) return !found.isZombie && found.ticks === started;
  return isMissing(pid) ? false : undefined;
}

/** Of `/proc/<pid>/stat`. The program's name, which may hold anything, ends at the last bracket. */
function startOf(stat: string): { readonly ticks: string; readonly isZombie: boolean } | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const ticks = fields[19]; // field 22, counted from the third
  return ticks === undefined ? undefined : { ticks, isZombie: state === 'Z' || state === 'X' };
}

function isMissing(pid: number): boolean {
  try {
    process.kill(pid, 0); // only asks
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return ''; // not Linux
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
