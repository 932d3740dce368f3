// Looks for a GPU in a process of its own: drivers write to stderr as they please, and some crash. Plain JavaScript,
// since Node loads it by itself, also where the rest is run from source.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { importEngine } from '../import-engine.js';

/**
 * @typedef {typeof import('onnxruntime-node')} Ort
 * @typedef {{ readonly cpu: number, readonly gpu: number }} Times milliseconds of a product of matrices
 */

const SIDE = 256;
const TIME_LIMIT_MS = 60_000;

/**
 * Times a product of matrices on the CPU and on the GPU.
 *
 * @param {Ort} ort
 * @param {Uint8Array} probe graph of `x [N, N]` times itself
 * @returns {Promise<Times>}
 * @throws {Error} in ONNX Runtime's words, where there is no GPU
 */
export async function timeProbe(ort, probe) {
  const x = new ort.Tensor('float32', new Float32Array(SIDE ** 2).fill(0.5), [SIDE, SIDE]);
  const time = async (/** @type {'cpu' | 'webgpu'} */ device) => {
    const session = await ort.InferenceSession.create(probe, {
      executionProviders: [device],
      logSeverityLevel: 4,
    });
    try {
      await session.run({ x }); // the first run compiles
      const started = performance.now();
      await session.run({ x });
      return performance.now() - started;
    } finally {
      await session.release();
    }
  };
  return { cpu: await time('cpu'), gpu: await time('webgpu') };
}

/**
 * {@link timeProbe} in a process of its own.
 *
 * @param {Uint8Array} probe
 * @returns {Promise<Times>}
 * @throws {Error} where there is no GPU, or its driver fails
 */
export async function timeProbeApart(probe) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // Ctrl-C is its parent's affair
    windowsHide: true,
    timeout: TIME_LIMIT_MS,
  });
  child.stdin.on('error', () => {}); // it ended before it read; what it printed says why
  child.stdin.end(probe);
  const ended = once(child, 'close');
  const printed = await text(child.stdout);
  const [code, signal] = await ended;
  if (printed === '')
    throw new Error(`its driver ended the process that tried it, ${signal ?? `code ${code}`}`);
  const answer = JSON.parse(printed);
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const answer = await importEngine()
    .then(async (ort) => timeProbe(ort, await buffer(process.stdin)))
    .catch((error) => ({ error: String(error.message) }));
  process.stdout.write(JSON.stringify(answer));
}
