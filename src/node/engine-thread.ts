import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type * as ort from 'onnxruntime-node';
import type { Feed, GraphSession } from '../clip/graphs/graph-session.ts';

/** What the thread is asked for. */
export type Request =
  | 'release'
  | {
      readonly id: number;
      readonly feeds: Readonly<Record<string, Feed & { readonly type: ort.Tensor.Type }>>;
    };

/** What it answers: first whether the graph is loaded, then one reply for each run. */
export type Reply =
  | { readonly isReady: true }
  | { readonly isReady: false; readonly error: string }
  | { readonly id: number; readonly outputs: Readonly<Record<string, Float32Array>> }
  | { readonly id: number; readonly error: string };

/** What a session's thread is made with, and what both threads see afterwards. */
export interface ThreadData {
  readonly graph: Uint8Array;
  readonly options: ort.InferenceSession.SessionOptions;
  /** One number: how much it has still to do. */
  readonly toDo: Int32Array;
  /** One number: whether it should leave that, 1, since the process ends. */
  readonly leave: Int32Array;
}

const EXIT_WAIT_MS = 20_000; // of a batch of the largest tower on one slow core

const running = new Set<ThreadData>();
// A thread that the process ends in the middle of ONNX Runtime's code aborts the process: its last run is waited for.
process.on('exit', () => {
  for (const { toDo, leave } of running) {
    Atomics.store(leave, 0, 1);
    for (let left = Atomics.load(toDo, 0); left > 0; left = Atomics.load(toDo, 0)) {
      if (Atomics.wait(toDo, 0, left, EXIT_WAIT_MS) === 'timed-out') break;
    }
  }
});

const ENDED = 'the thread of the model has ended';

interface Pending {
  readonly resolve: (outputs: Readonly<Record<string, Float32Array>>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Loads a graph in a thread of its own, so that this one goes on while it computes. The thread keeps the process
 * alive only as long as it has something to do.
 *
 * @throws Error in ONNX Runtime's words
 */
export async function createThreadSession(
  graph: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<GraphSession> {
  const sharedNumber = () => new Int32Array(new SharedArrayBuffer(4));
  const data: ThreadData = { graph, options, toDo: sharedNumber(), leave: sharedNumber() };
  data.toDo[0] = 1; // the loading
  const worker = new Worker(new URL('./engine-worker.js', import.meta.url), {
    workerData: data,
    execArgv: [], // what this process was started with is not the thread's affair
  });
  running.add(data);
  worker.once('exit', () => running.delete(data));
  const loaded = await new Promise<Reply>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error(ENDED)));
  });
  if ('isReady' in loaded && !loaded.isReady) throw new Error(loaded.error);
  const pending = new Map<number, Pending>();
  let next = 0;
  let ended: Error | undefined;
  const settle = (id: number): Pending | undefined => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) worker.unref();
    return waiting;
  };
  worker.on('message', (reply: Reply) => {
    if (!('id' in reply)) return;
    if ('error' in reply) settle(reply.id)?.reject(new Error(reply.error));
    else settle(reply.id)?.resolve(reply.outputs);
  });
  const fail = (error: Error) => {
    ended ??= error;
    for (const id of [...pending.keys()]) settle(id)?.reject(ended);
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error(ENDED)));
  worker.unref();
  return {
    run: (feeds) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) throw ended;
        const id = next++;
        pending.set(id, { resolve, reject });
        worker.ref();
        Atomics.add(data.toDo, 0, 1);
        const typed = Object.entries(feeds).map(([name, feed]) => [name, { ...feed, type: typeOf(feed) }]);
        worker.postMessage({ id, feeds: Object.fromEntries(typed) } satisfies Request);
      }),
    release: async () => {
      if (ended !== undefined) return;
      const exit = once(worker, 'exit');
      worker.ref();
      worker.postMessage('release' satisfies Request);
      await exit;
    },
  };
}

/** ONNX Runtime's name for the numbers of a feed. */
export const typeOf = ({ data }: Feed): 'float32' | 'int64' | 'uint8' =>
  data instanceof Float32Array ? 'float32' : data instanceof Uint8Array ? 'uint8' : 'int64';
