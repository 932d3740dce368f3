// A thread that holds one ONNX session: ONNX Runtime's Node binding computes on the thread that calls it, so that on
// the main thread nothing else would happen meanwhile. Plain JavaScript, because Node loads it by itself, also where
// the rest is run from source; engine-thread.ts is its other half.
import { parentPort, workerData } from 'node:worker_threads';
import { DeviceSession, words } from './devices/device-session.js';
import { timeProbeApart } from './devices/gpu-check.js';
import { importEngine } from './import-engine.js';

/** @typedef {import('./engine-thread.ts').Request} Request */
/** @typedef {import('./engine-thread.ts').Reply} Reply */

/** @type {import('./engine-thread.ts').ThreadData} */
const { plan, toDo, leave } = workerData;
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const post = (/** @type {Reply} */ reply) => port.postMessage(reply);
const done = () => {
  Atomics.sub(toDo, 0, 1);
  Atomics.notify(toDo, 0);
};

try {
  const ort = await importEngine();
  const session = new DeviceSession(ort, {
    ...plan,
    timeProbe: () => timeProbeApart(plan.probe),
    onNote: (note) => post({ note }),
  });
  await session.open();
  port.on('message', async (/** @type {Request} */ request) => {
    if (request === 'release') {
      await session.release();
      port.close();
      return;
    }
    try {
      if (Atomics.load(leave, 0) === 1) return;
      const feeds = Object.entries(request.feeds).map(([name, feed]) => [
        name,
        new ort.Tensor(
          feed.type,
          /** @type {any} the kind of array that the type names */ (feed.data),
          feed.dims,
        ),
      ]);
      const { rows, expected } = request;
      const tensors = await session.run(Object.fromEntries(feeds), rows, expected);
      const outputs = Object.entries(tensors).map(([name, { data }]) => [
        name,
        /** @type {Float32Array} */ (data),
      ]);
      post({ id: request.id, outputs: Object.fromEntries(outputs), isOnGpu: session.isOnGpu });
    } catch (error) {
      post({ id: request.id, error: words(error) });
    } finally {
      done();
    }
  });
  post({ isReady: true });
} catch (error) {
  post({ isReady: false, error: words(error) });
  port.close();
} finally {
  done();
}
