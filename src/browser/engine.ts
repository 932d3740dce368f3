import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import type { SessionRequest } from '../clip/clip.ts';
import type { Feed, GraphSession } from '../clip/graphs/graph-session.ts';
import { GPU_FORM, type GraphForm, HALF_FORM } from '../clip/graphs/layers.ts';
import { PolarError } from '../errors.ts';
import { untilNotFinite } from './half-session.ts';

/** Where the image tower runs; everything else is small and always runs in WebAssembly. */
export const DEVICES = ['wasm', 'webgpu'] as const;
/** `wasm` or `webgpu`. */
export type Device = (typeof DEVICES)[number];

/** How ONNX Runtime is started. */
export interface EngineOptions {
  /** `webgpu` where the browser has an adapter, when absent. */
  readonly device?: Device | undefined;
  /** How WebGPU computes; `half`, up to twice as fast, where the adapter can, when absent. */
  readonly precision?: 'full' | 'half' | undefined;
  /** Where ONNX Runtime's own files are, for each device; its usual places when absent. */
  readonly runtimeFiles?:
    | Readonly<Record<Device, { readonly mjs: string; readonly wasm: string }>>
    | undefined;
  /** Threads; all cores on a cross-origin isolated page, otherwise one, since only there threads share memory. */
  readonly threads?: number | undefined;
}

/** ONNX Runtime in the browser. */
export interface Engine {
  readonly device: Device;
  readonly threads: number;
  /** How the image tower is written for WebGPU; undefined in WebAssembly. */
  readonly gpuForm: GraphForm | undefined;
  /** Loads a graph whose weights lie in `files`, name → content: the one for a GPU, where there are both. */
  createSession(
    graph: Uint8Array,
    files: ReadonlyMap<string, Uint8Array>,
    request: Pick<SessionRequest, 'prepack' | 'gpuGraph'>,
  ): Promise<GraphSession>;
}

// More threads than this only wait for each other on matrices of this size.
const MAX_THREADS = 8;

/** Starts ONNX Runtime; a page has one, so the options of the first call decide. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const adapter = options.device === 'wasm' ? null : await findAdapter();
  const device = options.device ?? (adapter === null ? 'wasm' : 'webgpu');
  const { precision = adapter?.features.has('shader-f16') ? 'half' : 'full' } = options;
  const gpuForm = device === 'wasm' ? undefined : precision === 'half' ? HALF_FORM : GPU_FORM;
  const ort = await (device === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm'));
  const threads = globalThis.crossOriginIsolated
    ? (options.threads ?? Math.min(MAX_THREADS, navigator.hardwareConcurrency))
    : 1;
  ort.env.wasm.numThreads = threads;
  const files = options.runtimeFiles?.[device];
  if (files !== undefined) ort.env.wasm.wasmPaths = files;

  // The engine keeps mounted files in one place for all sessions, so that they have to be loaded one by one.
  let last: Promise<unknown> = Promise.resolve();
  return {
    device,
    threads,
    gpuForm,
    createSession(graph, weights, { prepack, gpuGraph }) {
      const create = async (written: Uint8Array): Promise<GraphSession> => {
        try {
          const session = await ort.InferenceSession.create(written, {
            executionProviders: gpuGraph === undefined ? ['wasm'] : ['webgpu', 'wasm'],
            graphOptimizationLevel: 'all',
            logSeverityLevel: 3,
            externalData: [...weights].map(([path, data]) => ({ path, data })),
            extra: { session: { disable_prepacking: prepack ? '0' : '1' } },
          });
          return toGraphSession(session, ort.Tensor);
        } catch (error) {
          throw new PolarError(
            `ONNX Runtime cannot load the model in this browser (${error instanceof Error ? error.message : String(error)}); close other tabs, or use a smaller model`,
            'unreadable',
          );
        }
      };
      const open = (written: Uint8Array): Promise<GraphSession> => {
        const created = last.then(() => create(written));
        last = created.catch(() => {});
        return created;
      };
      if (gpuGraph === undefined) return open(graph);
      const session = open(gpuGraph.graph);
      return gpuGraph.precision === 'float16'
        ? session.then((half) => untilNotFinite(half, () => open(graph)))
        : session;
    },
  };
}

function toGraphSession(session: InferenceSession, TensorClass: typeof Tensor): GraphSession {
  const toTensor = ({ data, dims }: Feed): Tensor =>
    data instanceof Float32Array
      ? new TensorClass('float32', data, dims)
      : data instanceof Uint8Array
        ? new TensorClass('uint8', data, dims)
        : new TensorClass('int64', data, dims);
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

async function findAdapter(): Promise<{ readonly features: ReadonlySet<string> } | null> {
  const { gpu } = navigator as {
    gpu?: { requestAdapter(): Promise<{ readonly features: ReadonlySet<string> } | null> };
  };
  return (await gpu?.requestAdapter().catch(() => null)) ?? null;
}
