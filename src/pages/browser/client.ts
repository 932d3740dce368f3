import { Refusal } from '../ui/refusal.ts';
import type { CallName, Calls, Reply, Request } from './protocol.ts';

/** The user stopped it. */
export class Stopped extends Error {
  override name = 'Stopped';
}

interface Waiting {
  readonly onProgress: ((progress: never) => void) | undefined;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** The worker, as functions: all the long work is done there, so that the page stays alive. */
export class WorkerClient {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => this.#take(data));
    this.#worker.addEventListener('error', ({ message }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(message || 'the worker has died'));
      this.#waiting.clear();
    });
  }

  /** Calls the worker; `signal` stops the call. */
  call<Name extends CallName>(
    name: Name,
    args: Calls[Name]['args'],
    options: {
      readonly onProgress?: (progress: Calls[Name]['progress']) => void;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<Calls[Name]['result']> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { onProgress: options.onProgress, resolve, reject });
      this.#send({ id, name, args });
      options.signal?.addEventListener('abort', () => this.#send({ id, stop: true }), { once: true });
    });
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #take(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if ('progress' in reply) {
      waiting.onProgress?.(reply.progress as never);
      return;
    }
    this.#waiting.delete(reply.id);
    if ('result' in reply) waiting.resolve(reply.result as never);
    else waiting.reject(reply.stopped ? new Stopped() : new Refusal(reply.error, reply.code));
  }
}
