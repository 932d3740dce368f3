// A thread that decodes one HEIC picture: the decoder is WebAssembly, which computes on the thread that calls it and
// cannot be told to stop. Plain JavaScript, because Node loads it by itself, also where the rest is run from source;
// heic-thread.ts is its other half.
import { parentPort, workerData } from 'node:worker_threads';
import decodeHeic from 'heic-decode';

/** @typedef {import('./heic-thread.ts').HeicReply} HeicReply */

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
try {
  const { bytes, page } = /** @type {import('./heic-thread.ts').HeicRequest} */ (workerData);
  const pictures = await decodeHeic.all({ buffer: bytes });
  const picture = pictures[page] ?? pictures[0];
  if (picture === undefined) throw new Error('HEIF image not found');
  const { width, height, data } = await picture.decode();
  port.postMessage(/** @type {HeicReply} */ ({ width, height, data }), [
    /** @type {ArrayBuffer} */ (data.buffer),
  ]);
} catch (error) {
  const words = error instanceof Error ? error.message : String(error);
  port.postMessage(/** @type {HeicReply} */ ({ error: words }));
}
