import * as ort from 'onnxruntime-node';
import { PolarError } from '../errors.ts';
import type { Feed, GraphSession } from './graph-session.ts';

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

function toTensor({ data, dims }: Feed): ort.Tensor {
  return data instanceof Float32Array
    ? new ort.Tensor('float32', data, dims)
    : new ort.Tensor('int64', data, dims);
}
