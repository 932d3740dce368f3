import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import type { Work } from './work.ts';

/**
 * Answers with server-sent events, each a JSON value, as they come; the signal says when the reader has gone, or the
 * server is about to.
 */
export function sendEvents<T>(
  c: Context,
  work: Work,
  write: (send: (value: T) => void, signal: AbortSignal) => Promise<void>,
): Response {
  c.header('content-type', 'text/event-stream; charset=utf-8');
  c.header('cache-control', 'no-store');
  return stream(c, async (out) => {
    const gone = new AbortController();
    const end = () => gone.abort();
    out.onAbort(end);
    work.closing.addEventListener('abort', end);
    let last: Promise<unknown> = Promise.resolve();
    const send = (value: T): void => {
      last = out.write(`data: ${JSON.stringify(value)}\n\n`);
    };
    try {
      await work.track(write(send, gone.signal));
      await last;
    } finally {
      work.closing.removeEventListener('abort', end);
    }
  });
}
