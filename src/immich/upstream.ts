/** How long the original may take to say that it lives: immich asks every half minute and waits two seconds. */
export const PING_MS = 1500;
// The original may have to load the model first.
const DIMENSION_MS = 60_000;

/** Whether immich's machine learning answers. */
export async function isHealthy(upstream: URL): Promise<boolean> {
  const response = await ask(upstream, '/ping', { signal: AbortSignal.timeout(PING_MS) });
  await response?.body?.cancel().catch(() => {});
  return response?.ok ?? false;
}

/** Numbers in an embedding that the original gives for a model; undefined where it does not answer. */
export async function askDimension(upstream: URL, modelName: string): Promise<number | undefined> {
  const body = new FormData();
  body.append('entries', JSON.stringify({ clip: { textual: { modelName, options: {} } } }));
  body.append('text', 'a photo');
  const signal = AbortSignal.timeout(DIMENSION_MS);
  const response = await ask(upstream, '/predict', { method: 'POST', body, signal });
  try {
    if (response === undefined) return undefined;
    const { clip } = (await response.json()) as { clip: string };
    const values: unknown = JSON.parse(clip);
    return Array.isArray(values) ? values.length : undefined;
  } catch {
    return undefined;
  }
}

async function ask(upstream: URL, path: string, init: RequestInit): Promise<Response | undefined> {
  return fetch(upstream.href.replace(/\/$/, '') + path, { redirect: 'manual', ...init }).catch(
    () => undefined,
  );
}
