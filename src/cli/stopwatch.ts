import { say } from './output.ts';

/** Says where the time of a command goes. */
export class Stopwatch {
  readonly #laps: { readonly part: string; readonly until: number }[] = [];

  /** Ends a part of the work; the first one began with the process. */
  lap(part: string): void {
    this.#laps.push({ part, until: performance.now() });
  }

  /** One line a part, on stderr. */
  report(): void {
    let before = 0;
    for (const { part, until } of this.#laps) {
      say(`${(until - before).toFixed(0).padStart(6)} ms  ${part}`);
      before = until;
    }
    say(`${before.toFixed(0).padStart(6)} ms  in all`);
  }
}
