import { setMaxListeners } from 'node:events';

/** What goes on for requests: so that concepts change one at a time, and the end of the server waits for all of it. */
export class Work {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #onChange: () => void;
  #last: Promise<unknown> = Promise.resolve();

  /** @param onChange told after each change of concepts */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
    setMaxListeners(0, this.closing); // each open page follows what goes on
  }

  /** Aborted when the server closes: what takes long ends then. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Makes `close` wait for a piece of work. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    const end = () => this.#running.delete(work);
    work.then(end, end);
    return work;
  }

  /** Does what changes concepts, after all that was asked for earlier. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.then(this.#onChange, () => {});
    return this.track(turn);
  }

  /** Ends what takes long and waits for the rest. */
  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
