/** The values of an answer with server-sent events, as they come. */
export async function* readEvents<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = events.pop()!;
      for (const event of events) yield JSON.parse(event.slice('data: '.length)) as T;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
