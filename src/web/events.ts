import type { Context } from 'hono';
import { stream } from 'hono/streaming';

/** Answers with server-sent events, each a JSON value, as they come; the signal says when the reader has gone. */
export function sendEvents<T>(
  c: Context,
  write: (send: (value: T) => void, signal: AbortSignal) => Promise<void>,
): Response {
  c.header('content-type', 'text/event-stream; charset=utf-8');
  c.header('cache-control', 'no-store');
  return stream(c, async (out) => {
    const gone = new AbortController();
    out.onAbort(() => gone.abort());
    let last: Promise<unknown> = Promise.resolve();
    await write((value) => {
      last = out.write(`data: ${JSON.stringify(value)}\n\n`);
    }, gone.signal);
    await last;
  });
}
