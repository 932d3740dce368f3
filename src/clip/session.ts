import * as ort from 'onnxruntime-node';
import { PolarError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';

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
}

/** A tensor going into a graph: float32 or int64, row-major. */
export interface Feed {
  readonly data: Float32Array | BigInt64Array;
  readonly dims: readonly number[];
}

/** One loaded ONNX graph. */
export interface GraphSession {
  /** Runs the graph; every output is float32. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, Float32Array>>>;
  release(): Promise<void>;
}

/** Loads a graph written by this project with its weights in `weightFolder`. */
export async function createSession(graph: Uint8Array, options: SessionOptions): Promise<GraphSession> {
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(graph, {
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: {
        session: {
          model_external_initializers_file_folder_path: options.weightFolder,
          disable_prepacking: options.prepack ? '0' : '1',
        },
      },
    });
  } catch (error) {
    throw new PolarError(
      `${options.weightFolder}: ONNX Runtime cannot load the model (${error instanceof Error ? error.message : String(error)}); download the model again`,
    );
  }
  return {
    run: async (feeds) => {
      const inputs = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, toTensor(feed)]));
      const outputs = await session.run(inputs);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, tensor.data as Float32Array]),
      );
    },
    release: () => session.release(),
  };
}

/** A matrix as a graph input. */
export const feedOf = (matrix: Matrix): Feed => ({ data: matrix.data, dims: [matrix.rows, matrix.columns] });

function toTensor({ data, dims }: Feed): ort.Tensor {
  return data instanceof Float32Array
    ? new ort.Tensor('float32', data, dims)
    : new ort.Tensor('int64', data, dims);
}
