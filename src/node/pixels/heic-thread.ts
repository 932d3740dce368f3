import { Worker } from 'node:worker_threads';

/** A decoded picture: RGBA, upright. */
export interface HeicPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** What the thread is asked for. */
export interface HeicRequest {
  readonly bytes: Uint8Array;
  /** Of several pictures, which one, from 0. */
  readonly page: number;
}

/** What the thread answers. */
export type HeicReply = HeicPixels | { readonly error: string };

/**
 * Decodes HEIC on a thread of its own, so that searches are answered and Ctrl-C is heard meanwhile, and ends it with
 * the thread where it takes too long.
 *
 * @throws Error in the decoder's words, or one that begins with "timeout"
 */
export async function decodeHeic(request: HeicRequest, timeoutMs: number): Promise<HeicPixels> {
  const worker = new Worker(new URL('./heic-worker.js', import.meta.url), {
    workerData: request,
    execArgv: [], // what this process was started with is not the thread's affair
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const reply = await new Promise<HeicReply>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject); // the thread ran out of memory
      worker.once('exit', () => reject(new Error('the decoder has ended')));
      timer = setTimeout(() => reject(new Error(`timeout: ${timeoutMs / 1000} s`)), timeoutMs);
    });
    if ('error' in reply) throw new Error(reply.error);
    return reply;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
