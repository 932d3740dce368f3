import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ConceptStore } from '../node/concepts/concept-store.ts';
import { listen } from '../node/listen.ts';
import { forward, sendError, UPSTREAM_LIMITS, type UpstreamLimits } from './forward.ts';
import { LiveConcepts } from './live-concepts.ts';
import { ModelsAtHand } from './models-at-hand.ts';
import { PersonalTexts } from './personal-texts.ts';
import { encodeAnswer, MAX_TEXT_BODY, readTextRequest } from './text-request.ts';
import { askDimension, isHealthy } from './upstream.ts';

/** How the service between immich and its machine learning runs. */
export interface ImmichServiceOptions {
  /** Address of immich's machine learning. */
  readonly upstream: URL;
  /** Address to listen at. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Folder of the learnt things. */
  readonly concepts: string;
  /** Answer every text of a model at hand, also those that name nothing. */
  readonly all?: boolean;
  /** immich's model name → a model or folder to use for it. */
  readonly map?: ReadonlyMap<string, string>;
  /** Cache folder of downloaded models; the usual one when absent. */
  readonly cacheFolder?: string | undefined;
  /** @default UPSTREAM_LIMITS */
  readonly limits?: UpstreamLimits;
  /** One line for whoever runs the service. */
  readonly log: (line: string) => void;
}

/** The service, listening. */
export interface ImmichService {
  readonly url: string;
  /** Finishes what is being answered, for a moment, and closes. */
  close(): Promise<void>;
}

// A restart takes less than a second: texts in flight get this long, a picture on its way is sent again by immich.
const CLOSE_WITHIN_MS = 500;

/**
 * Starts the service: it answers texts that name a learnt thing, and passes everything else on.
 *
 * @throws PolarError when the address or the port cannot be had
 */
export async function startImmichService(options: ImmichServiceOptions): Promise<ImmichService> {
  const { upstream, host, log, limits = UPSTREAM_LIMITS } = options;
  const concepts = new LiveConcepts(new ConceptStore(options.concepts), log);
  const models = new ModelsAtHand({
    map: options.map ?? new Map(),
    cacheFolder: options.cacheFolder,
    askDimension: (modelName) => askDimension(upstream, modelName),
    log,
  });
  const texts = new PersonalTexts({ concepts, models, all: options.all ?? false, log });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '';
    if (!url.startsWith('/')) return sendError(response, 400, 'expected a path, such as /predict');
    const [path] = url.split('?');
    if (path === '/ping' && request.method === 'GET') {
      if (await isHealthy(upstream)) response.writeHead(200, { 'content-type': 'text/plain' }).end('pong');
      else sendError(response, 503, `immich's machine learning at ${upstream.host} does not answer`);
      return;
    }
    if (path!.startsWith('/polar/answered/') && request.method === 'GET') {
      response.writeHead(texts.hasAnswered(path!) ? 204 : 404).end();
      return;
    }
    const isPrediction = path === '/predict' && request.method === 'POST';
    const head = isPrediction ? await readStart(request) : [];
    if (isPrediction && request.readableEnded) {
      const text = await readTextRequest(request.headers['content-type'] ?? '', Buffer.concat(head));
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      const embedding = text && (await texts.answer(text, gone.signal));
      if (embedding !== undefined) {
        const body = encodeAnswer(embedding);
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        });
        response.end(body);
        return;
      }
    }
    if (!response.destroyed) forward(upstream, request, response, head, limits);
  }

  const server = createServer((request, response) => {
    request.on('error', () => response.destroy()); // a body that was cut off
    answer(request, response).catch((error: unknown) => {
      log(`unexpected error: ${error instanceof Error ? error.message : String(error)}`);
      if (response.headersSent) response.destroy();
      else sendError(response, 500, 'something went wrong in polar immich serve; its log says more');
    });
  });
  const port = await listen(server, host, options.port);
  models.prepare().catch(() => {}); // the first text says what is wrong
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
      await closed;
      clearTimeout(late);
      await texts.close();
      await models.close();
    },
  };
}

/**
 * The body of a request where it is small enough to be a text's; then the request has ended. Of a larger one, the
 * part that has come; the rest waits in the request.
 */
function readStart(request: IncomingMessage): Promise<Buffer[]> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > MAX_TEXT_BODY) return Promise.resolve([]);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (): void => {
      request.off('data', take).off('end', done).off('close', done);
      resolve(chunks);
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= MAX_TEXT_BODY) return;
      request.pause();
      done();
    };
    request.on('data', take).on('end', done).on('close', done);
  });
}
