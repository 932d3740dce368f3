import { stderr } from 'node:process';
import cliProgress from 'cli-progress';
import { clean } from '../words.ts';
import { say } from './output.ts';

// Node does not see all of the module's names from outside, the types do.
const { Format, Presets, SingleBar } = cliProgress;

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
      // The label is a value too: what it holds in braces is no field of the bar.
      format: `{label} {bar} {value}/{total} ${unit}  {rate}  {eta_formatted}`,
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
      if (!running) bar.start(total, done, { rate, label: clean(label) });
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
