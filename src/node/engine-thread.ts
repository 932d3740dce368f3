import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type * as ort from 'onnxruntime-node';
import type { GpuGraph } from '../clip/clip.ts';
import type { Feed, GraphSession, Outputs } from '../clip/graphs/graph-session.ts';
import type { Device } from './devices/device.ts';

/** What the thread is asked for. */
export type Request =
  | 'release'
  | {
      readonly id: number;
      readonly feeds: Readonly<Record<string, Feed & { readonly type: ort.Tensor.Type }>>;
      readonly rows: number;
      readonly expected: number;
    };

/** What it answers: first whether the graph is loaded, then one reply for each run. */
export type Reply =
  | { readonly isReady: true }
  | { readonly isReady: false; readonly error: string }
  | { readonly note: string }
  | { readonly id: number; readonly outputs: Outputs; readonly isOnGpu: boolean }
  | { readonly id: number; readonly error: string };

/** What a session in a thread of its own is made of. */
export interface ThreadPlan {
  readonly graph: Uint8Array;
  readonly gpuGraph: GpuGraph | undefined;
  /** `x [N, N]` times itself. */
  readonly probe: Uint8Array;
  readonly options: ort.InferenceSession.SessionOptions;
  readonly device: Device;
}

/** What a session's thread is made with, and what both threads see afterwards. */
export interface ThreadData {
  readonly plan: ThreadPlan & { readonly gpuUse: Int32Array };
  /** One number: how much it has still to do. */
  readonly toDo: Int32Array;
  /** One number: whether it should leave that, 1, since the process ends. */
  readonly leave: Int32Array;
}

const EXIT_WAIT_MS = 20_000; // of a batch of the largest tower on one slow core

const sharedNumber = () => new Int32Array(new SharedArrayBuffer(4));
// Two WebGPU sessions at once crash in places (onnxruntime issues 27592, 31627, 32561).
const gpuUse = sharedNumber();

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
  readonly resolve: (outputs: Outputs) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Loads a graph in a thread of its own, so that this one goes on while it computes. The thread keeps the process
 * alive only as long as it has something to do.
 *
 * @param onNote says in a line where the graph runs and why, when that changes
 * @throws Error in ONNX Runtime's words
 */
export async function createThreadSession(
  plan: ThreadPlan,
  onNote: (line: string) => void = () => {},
): Promise<GraphSession> {
  const data: ThreadData = { plan: { ...plan, gpuUse }, toDo: sharedNumber(), leave: sharedNumber() };
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
  let isOnGpu = false;
  let ended: Error | undefined;
  const settle = (id: number): Pending | undefined => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) worker.unref();
    return waiting;
  };
  worker.on('message', (reply: Reply) => {
    if ('note' in reply) onNote(reply.note);
    if (!('id' in reply)) return;
    if ('error' in reply) settle(reply.id)?.reject(new Error(reply.error));
    else {
      isOnGpu = reply.isOnGpu;
      settle(reply.id)?.resolve(reply.outputs);
    }
  });
  const fail = (error: Error) => {
    ended ??= error;
    for (const id of [...pending.keys()]) settle(id)?.reject(ended);
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error(ENDED)));
  worker.unref();
  return {
    isOnGpu: () => isOnGpu,
    run: (feeds, { expected = 0 } = {}) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) throw ended;
        const id = next++;
        pending.set(id, { resolve, reject });
        worker.ref();
        Atomics.add(data.toDo, 0, 1);
        const typed = Object.entries(feeds).map(([name, feed]) => [name, { ...feed, type: typeOf(feed) }]);
        const rows = Object.values(feeds)[0]?.dims[0] ?? 0;
        worker.postMessage({ id, feeds: Object.fromEntries(typed), rows, expected } satisfies Request);
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
