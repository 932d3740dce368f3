import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the stand-in for immich's machine learning received it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** As they came: name, value, name, value, ... */
  readonly rawHeaders: readonly string[];
  /** Bytes of the body so far, and SHA-256 of them all. */
  bytes: number;
  sha256: string;
  /** How it ended: with all of the body, or cut off before. */
  end: 'whole' | 'cut' | undefined;
}

/** How the stand-in misbehaves. */
export interface MachineLearningTrouble {
  /** Milliseconds before each answer. */
  delay?: number;
  /** Answers predictions with this. */
  answer?: { status: number; headers: readonly string[]; body: string };
  /** Takes requests and never answers. */
  silent?: boolean;
  /** Ends the connection after part of an answer. */
  cutsAnswers?: boolean;
  /** Answers 413 at once and closes, whatever is still coming. */
  refusesBodies?: boolean;
}

/** A stand-in for immich's machine learning that speaks as the original does. */
export interface MachineLearning {
  readonly url: URL;
  readonly requests: SeenRequest[];
  readonly trouble: MachineLearningTrouble;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** Plain CLIP embedding of a text, unit norm. */
export type EncodeText = (text: string, modelName: string) => Promise<Float32Array>;

// The original keeps a picture in memory; the stand-in only what it must parse.
const MAX_PARSED = 1 << 20;

/** Starts a stand-in; small bodies are parsed and answered as the original does, large ones only hashed. */
export async function startMachineLearning(encode: EncodeText, port = 0): Promise<MachineLearning> {
  const requests: SeenRequest[] = [];
  const trouble: MachineLearningTrouble = {};
  const server: Server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen: SeenRequest = {
      method: request.method!,
      url: request.url!,
      rawHeaders: request.rawHeaders,
      bytes: 0,
      sha256: '',
      end: undefined,
    };
    requests.push(seen);
    request.on('close', () => {
      seen.end ??= 'cut';
    });
    request.on('error', () => {});
    if (trouble.refusesBodies) {
      response.writeHead(413, { connection: 'close' }).end('{"detail":"too large"}');
      return;
    }
    const hash = createHash('sha256');
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      seen.bytes += chunk.length;
      hash.update(chunk);
      if (seen.bytes <= MAX_PARSED) chunks.push(chunk);
    }
    seen.sha256 = hash.digest('hex');
    seen.end = 'whole';
    if (trouble.silent) return;
    if (trouble.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, trouble.delay));
    const json = (status: number, value: unknown) => {
      const body = JSON.stringify(value);
      response.writeHead(status, [
        'content-length',
        String(Buffer.byteLength(body)),
        'content-type',
        'application/json',
      ]);
      if (trouble.cutsAnswers) response.write(body.slice(0, 5), () => response.destroy());
      else response.end(body);
    };
    if (request.method === 'GET' && request.url === '/') return json(200, { message: 'Immich ML' });
    if (request.method === 'GET' && request.url === '/ping') {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('pong');
      return;
    }
    if (request.url !== '/predict') return json(404, { detail: 'Not Found' });
    if (request.method !== 'POST') return json(405, { detail: 'Method Not Allowed' });
    if (trouble.answer !== undefined) {
      const { status, headers, body } = trouble.answer;
      response.sendDate = false;
      response.writeHead(status, [...headers]).end(body);
      return;
    }
    if (seen.bytes > MAX_PARSED) return json(200, { clip: '[0]', imageHeight: 1, imageWidth: 1 });
    const [status, value] = await predict(Buffer.concat(chunks), request.headers['content-type'] ?? '');
    json(status, value);
  }

  async function predict(body: Buffer, type: string): Promise<[status: number, value: unknown]> {
    const form = await new Response(body, { headers: { 'content-type': type } })
      .formData()
      .catch(() => undefined);
    if (form === undefined) return [400, { detail: 'There was an error parsing the body' }];
    let tasks: [task: string, kind: string, modelName: string][];
    try {
      const entries = JSON.parse(String(form.get('entries'))) as Record<
        string,
        Record<string, { modelName: string }>
      >;
      tasks = Object.entries(entries).flatMap(([task, kinds]) =>
        Object.entries(kinds).map(([kind, entry]): [string, string, string] => {
          if (typeof entry.modelName !== 'string') throw new Error('modelName');
          return [task, kind, entry.modelName];
        }),
      );
      if (form.get('entries') === null) throw new Error('entries');
    } catch {
      return [422, { detail: 'Invalid request format.' }];
    }
    const [image, text] = [form.get('image'), form.get('text')];
    if (image === null && text === null) return [400, { detail: 'Either image or text must be provided' }];
    const answer: Record<string, unknown> = {};
    for (const [task, kind, modelName] of tasks) {
      if (task === 'clip' && kind === 'textual' && image === null) {
        answer.clip = JSON.stringify(Array.from(await encode(String(text), modelName)));
      } else if (image !== null) answer[task] = task === 'clip' ? '[0]' : [];
      else return [500, { detail: 'Internal Server Error' }];
    }
    return [200, image === null ? answer : { ...answer, imageHeight: 1, imageWidth: 1 }];
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    requests,
    trouble,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A body as immich's server sends it. */
export function predictForm(entries: unknown, payload: { text: string } | { image: Uint8Array }): FormData {
  const form = new FormData();
  form.append('entries', typeof entries === 'string' ? entries : JSON.stringify(entries));
  if ('text' in payload) form.append('text', payload.text);
  else form.append('image', new Blob([Uint8Array.from(payload.image)]));
  return form;
}

/** What immich's server asks for a text. */
export const textEntries = (modelName: string, language: string | undefined = 'en') => ({
  clip: { textual: { modelName, options: { language } } },
});
