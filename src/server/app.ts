import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import { reportFault } from '../node/report-fault.ts';
import type { AppContext } from './context.ts';
import { headers } from './guard.ts';
import type { PageFile } from './page-files.ts';
import { createRouter, refusal } from './router.ts';
import { albumRoutes } from './routes/album-routes.ts';
import { conceptRoutes } from './routes/concept-routes.ts';
import { libraryRoutes } from './routes/library-routes.ts';
import { photoRoutes } from './routes/photo-routes.ts';
import { selectionRoutes } from './routes/selection-routes.ts';
import { Refusal } from './schemas.ts';

const JSON_BYTES = 100_000;
const UPLOADING = new Set(['/api/uploads', '/api/concepts']); // with limits of their own
const NOTHING_HERE = 'there is nothing here';

/** The API's routes, typed for the page's client. */
function routes(context: AppContext) {
  return createRouter()
    .route('/', libraryRoutes(context))
    .route('/', photoRoutes(context))
    .route('/', selectionRoutes(context))
    .route('/', albumRoutes(context))
    .route('/', conceptRoutes(context));
}

// Said once for all routes: their handlers throw it.
const REFUSAL = {
  description:
    'what is wrong, in one line: 400 the request, 403 its origin, 404, 413 its size, 500 a fault here, 502 another server',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
};

/** Answers about a library that changes are asked for again; pictures say themselves how long they keep. */
const fresh: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
};

/** What the page's client is typed with. */
export type Api = ReturnType<typeof routes>;

/**
 * The app: the API below `/api`, its description at `/api/openapi.json`, and the page.
 *
 * @param guards run before everything else
 * @param files the built page, by path
 */
export function createApp(
  context: AppContext,
  guards: readonly MiddlewareHandler[],
  files: ReadonlyMap<string, PageFile>,
) {
  const app = createRouter();
  app.use(headers, ...guards);
  app.use((_, next) => context.work.track(next()));
  app.use('/api/*', fresh, compress());
  const limit = bodyLimit({
    maxSize: JSON_BYTES,
    onError: (c) => refusal(c, 413, `more than ${JSON_BYTES} bytes in a request`),
  });
  app.use('/api/*', (c, next) => (UPLOADING.has(c.req.path) ? next() : limit(c, next)));
  app.onError((error, c) => {
    if (error instanceof HTTPException)
      return refusal(c, error.status as ContentfulStatusCode, error.message);
    if (error instanceof PolarError) return refusal(c, 400, error.message, error.code);
    // Of a request that was broken off nobody reads the answer, and nothing is wrong here.
    const isBrokenOff = c.req.raw.signal.aborted || (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    if (isBrokenOff) return refusal(c, 400, tell('server.broken-off'));
    reportFault(error);
    return refusal(c, 500, tell('server.fault'), 'fault');
  });
  app.notFound((c) => refusal(c, 404, NOTHING_HERE));
  app.route('/api', routes(context));
  app.openAPIRegistry.register('Refusal', Refusal);
  app.get('/api/openapi.json', (c) => {
    const document = app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'POLAR',
        version: context.version,
        license: { name: 'MIT' },
        description: 'What polar serve offers to its page and to programs on this machine.',
      },
    });
    for (const operations of Object.values(document.paths ?? {})) {
      for (const { responses } of Object.values(operations)) responses.default = REFUSAL;
    }
    return c.text(JSON.stringify(document), 200, { 'content-type': 'application/json' });
  });
  app.get('*', (c) => {
    const file = files.get(c.req.path === '/' ? '/index.html' : c.req.path);
    if (file === undefined) return refusal(c, 404, NOTHING_HERE);
    return c.body(file.bytes as Uint8Array<ArrayBuffer>, 200, {
      'content-type': file.type,
      'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
  });
  return app;
}
