import { stderr, stdout } from 'node:process';
import cliProgress from 'cli-progress';
import { createColors } from 'picocolors';

// Node does not see all of the module's names from outside, the types do.
const { Format, Presets, SingleBar } = cliProgress;

/** Whether results get colours: on a terminal, unless NO_COLOR is set; elsewhere where FORCE_COLOR asks for them. */
function wantsColours({ NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  // Away from a terminal it is undefined, which picocolors would take for leave to decide itself, with yes under CI.
  return Boolean(stdout.isTTY) && TERM !== 'dumb';
}

export const colour = createColors(wantsColours(process.env));

/** A line for the person at the terminal; never part of the results. */
export function say(line: string): void {
  stderr.write(`${line}\n`);
}

/** A line of results. */
export function print(line: string): void {
  stdout.write(`${line}\n`);
}

/** Results for programs. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** How far long work has come. */
export interface Progress {
  update(done: number, total: number): void;
  /** A line of words above the bar. */
  note(line: string): void;
  stop(): void;
}

/** A bar with rate and time left on a terminal; silent elsewhere. */
export function progress(label: string, unit: string): Progress {
  if (!stderr.isTTY) return { update: () => {}, note: say, stop: () => {} };
  const bar = new SingleBar(
    {
      stream: stderr,
      clearOnComplete: true,
      hideCursor: true,
      format: `${label} {bar} {value}/{total} ${unit}  {rate}  {eta_formatted}`,
      // At the start, and while nothing moves, there is nothing to tell.
      formatTime: (seconds, options, step) =>
        Number.isFinite(seconds) && seconds > 0 ? `${Format.TimeFormat(seconds, options, step)} left` : '',
      barsize: 24,
      etaBuffer: 30,
    },
    Presets.rect,
  );
  const started = performance.now();
  let running = false;
  const stop = () => {
    if (running) bar.stop();
    running = false;
  };
  return {
    update(done, total) {
      const rate = `${((done * 1000) / Math.max(1, performance.now() - started)).toFixed(1)} ${unit}/s`;
      if (!running) bar.start(total, done, { rate });
      else bar.update(done, { rate });
      running = true;
    },
    note(line) {
      // The bar goes back to where it began when it stops, so it ends before the line and begins anew below it.
      stop();
      say(line);
    },
    stop,
  };
}

/** "1 photo", "5 photos". */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}
