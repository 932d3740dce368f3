// Plain JavaScript, since a worker thread imports it too, where nothing translates TypeScript before a build.
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {typeof import('onnxruntime-node')} Ort
 * @typedef {import('onnxruntime-node').InferenceSession.SessionOptions} SessionOptions
 */

/**
 * ONNX Runtime: its build for this machine, else its WebAssembly build where that is installed.
 *
 * @returns {Promise<Ort>}
 * @throws {Error} Node's, where there is no build for this machine and no other
 */
export async function importEngine() {
  // Else ONNX Runtime keeps an identifier of this machine and sends figures of its use to Microsoft.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    const web = await import('onnxruntime-web').catch(() => undefined);
    if (web === undefined) throw error;
    return inWebAssembly(/** @type {Ort} */ (/** @type {unknown} */ (web)));
  }
}

/**
 * The WebAssembly build with the interface of the other one: it reads no files, so the weights are handed to it.
 *
 * @param {Ort} web
 * @returns {Ort}
 */
function inWebAssembly(web) {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  const create = (/** @type {Uint8Array} */ graph, /** @type {SessionOptions} */ options = {}) => {
    const { intraOpNumThreads, executionProviders: _, extra, ...others } = options;
    const { session } = /** @type {{ session?: Record<string, unknown> }} */ (extra ?? {});
    web.env.wasm.numThreads = intraOpNumThreads ?? availableParallelism(); // counts once, at the first session
    const open = async () =>
      web.InferenceSession.create(graph, {
        ...others,
        externalData: await weightsOf(graph, session?.model_external_initializers_file_folder_path),
        extra: { session: { disable_prepacking: session?.disable_prepacking ?? '1' } },
      });
    // It keeps the weights that are handed over in one place for all sessions, so they are loaded one by one.
    const created = last.then(open);
    last = created.catch(() => {});
    return created;
  };
  return /** @type {Ort} */ ({
    Tensor: web.Tensor,
    env: web.env,
    InferenceSession: { create },
    listSupportedBackends: () => [{ name: 'wasm', bundled: true }],
  });
}

/**
 * The files of weights that a graph names.
 *
 * @param {Uint8Array} graph
 * @param {unknown} folder
 */
async function weightsOf(graph, folder) {
  if (typeof folder !== 'string') return [];
  const bytes = Buffer.from(graph.buffer, graph.byteOffset, graph.byteLength);
  const names = (await readdir(folder)).filter((name) => bytes.includes(name));
  return Promise.all(names.map(async (path) => ({ path, data: await readFile(join(folder, path)) })));
}
