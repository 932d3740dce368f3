import type * as ort from 'onnxruntime-node';
import type { GpuGraph } from '../clip/clip.ts';
import type { GraphSession } from '../clip/graphs/graph-session.ts';
import { ElementType, GraphBuilder } from '../clip/graphs/onnx.ts';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import { type Device, deviceProblem } from './devices/device.ts';
import { createThreadSession, typeOf } from './engine-thread.ts';
import { isWebAssembly, loadEngine } from './native-module.ts';

/** How a graph is loaded. */
export interface SessionOptions {
  /** Folder that holds the weight files; links out of it are refused by ONNX Runtime. */
  readonly weightFolder: string;
  /** Threads of one operator; all cores when absent. */
  readonly threads?: number | undefined;
  /**
   * Lets ONNX Runtime copy the weights into the layout that its matrix product likes best: faster for few rows,
   * at the price of a private copy of every weight.
   */
  readonly prepack: boolean;
  /** Computes in a thread of its own: for graphs that take long. */
  readonly ownThread: boolean;
  /** Whether others need the cores too: threads that wait sleep instead of spinning. @default ownThread */
  readonly sharesCores?: boolean | undefined;
  /** Where a graph runs that has a form for GPUs, in a thread of its own; `cpu` when absent. */
  readonly device?: Device | undefined;
  readonly gpuGraph?: GpuGraph | undefined;
  /** Told in a line where it runs and why, when that changes. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** Loads a graph written by this project with its weights in `weightFolder`. */
export async function createSession(graph: Uint8Array, options: SessionOptions): Promise<GraphSession> {
  const sessionOptions: ort.InferenceSession.SessionOptions = {
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: {
      session: {
        model_external_initializers_file_folder_path: options.weightFolder,
        disable_prepacking: options.prepack ? '0' : '1',
        // Threads that spin while they wait keep the cores from others: beside a thread of its own those of this process.
        ...(options.ownThread || options.sharesCores ? { intra_op: { allow_spinning: '0' } } : {}),
      },
    },
  };
  const { ownThread, device = 'cpu', gpuGraph, onNote } = options;
  // A thread begins at once: the caller may go on to what takes this one long.
  const opening = ownThread
    ? createThreadSession({ graph, gpuGraph, device, options: sessionOptions, probe: writeProbe() }, onNote)
    : undefined;
  opening?.catch(() => {}); // told below, unless there is no engine at all
  const engine = await loadEngine();
  if (isWebAssembly(engine)) sayOnce(onNote);
  try {
    return await (opening ?? createOwnSession(engine, graph, sessionOptions));
  } catch (error) {
    if (gpuGraph !== undefined && (device === 'webgpu' || device === 'cuda')) {
      throw deviceProblem(device, error instanceof Error ? error.message : String(error));
    }
    throw new PolarError(
      `${options.weightFolder}: ${tell('model.cannot-load', { why: error instanceof Error ? error.message : String(error) })}`,
      'unreadable',
    );
  }
}

let isSaid = false;

function sayOnce(onNote: SessionOptions['onNote']): void {
  if (!isSaid) {
    onNote?.(
      'The WebAssembly build of the engine computes here, several times slower: there is no other for this machine.',
    );
  }
  isSaid = true;
}

/** `x [N, N]` times itself. */
function writeProbe(): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.input('x', ElementType.float, ['N', 'N']);
  graph.output('y', graph.matmul(x, x), ['N', 'N']);
  return graph.build('probe');
}

async function createOwnSession(
  engine: Pick<typeof ort, 'InferenceSession' | 'Tensor'>,
  graph: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<GraphSession> {
  const session = await engine.InferenceSession.create(graph, options);
  return {
    run: async (feeds) => {
      const inputs = Object.entries(feeds).map(([name, feed]) => [
        name,
        new engine.Tensor(typeOf(feed), feed.data as Float32Array & BigInt64Array & Uint8Array, feed.dims),
      ]);
      const outputs = await session.run(Object.fromEntries(inputs));
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, tensor.data as Float32Array]),
      );
    },
    release: () => session.release(),
  };
}
