import { createRequire } from 'node:module';

/** A running S3 server with one empty bucket. */
export interface S3Server {
  /** What a process needs to reach it. */
  readonly env: Readonly<Record<string, string>>;
  readonly bucket: string;
  /** Conditional puts that were refused since another writer came first. */
  readonly refusals: () => number;
  close(): Promise<void>;
}

/** What is used of s3rver, which comes without types: a Koa application that checks signatures. */
interface S3rver {
  readonly middleware: Middleware[];
  readonly store: {
    existsObject(bucket: string, key: string): Promise<boolean>;
    listObjects(bucket: string, options: { delimiter?: string; prefix?: string }): Promise<Listing>;
  };
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
}
interface Listing {
  readonly objects: readonly { readonly key: string }[];
  readonly commonPrefixes: readonly string[];
}
type Middleware = (context: Context, next: () => Promise<void>) => Promise<void>;
interface Context {
  readonly method: string;
  readonly path: string;
  get(header: string): string;
  status: number;
  type: string;
  body: string;
}

const CREDENTIAL = 'S3RVER'; // the one that s3rver knows, key and secret alike
const BUCKET = 'photos';

/** Starts an S3 server on loopback that keeps its objects in `folder`. */
export async function startS3(folder: string): Promise<S3Server> {
  const Server = createRequire(import.meta.url)('@20minutes/s3rver') as new (options: object) => S3rver;
  const server = new Server({
    directory: folder,
    address: '127.0.0.1',
    port: 0,
    silent: true,
    configureBuckets: [{ name: BUCKET }],
  });
  // s3rver misses a "folder" in which there are only further ones.
  const list = server.store.listObjects.bind(server.store);
  server.store.listObjects = async (bucket, { delimiter, ...options }) => {
    const all = await list(bucket, options);
    if (!delimiter) return all;
    const start = options.prefix?.length ?? 0;
    const end = (key: string) => key.indexOf(delimiter, start) + 1; // 0: not in a folder
    const folders = all.objects.filter(({ key }) => end(key) > 0).map(({ key }) => key.slice(0, end(key)));
    const objects = all.objects.filter(({ key }) => end(key) === 0);
    return { ...all, objects, commonPrefixes: [...new Set(folders)].sort() };
  };
  let refused = 0;
  let turn = Promise.resolve();
  // S3 shows an object when it is whole, and refuses a put with `If-None-Match: *` where there is one already; s3rver
  // has neither. Requests take turns until their answer is ready.
  server.middleware.unshift(async (context, next) => {
    const previous = turn;
    let done = () => {};
    turn = new Promise((resolve) => {
      done = resolve;
    });
    await previous;
    try {
      const [, bucket, ...key] = decodeURIComponent(context.path).split('/');
      const isConditional = context.method === 'PUT' && context.get('if-none-match') === '*';
      if (isConditional && (await server.store.existsObject(bucket!, key.join('/')))) {
        refused++;
        context.status = 412;
        context.type = 'application/xml';
        context.body = '<Error><Code>PreconditionFailed</Code><Message>There is one.</Message></Error>';
      } else await next();
    } finally {
      done();
    }
  });
  const { port } = await server.run();
  return {
    bucket: BUCKET,
    env: {
      AWS_ENDPOINT: `http://127.0.0.1:${port}`,
      AWS_ALLOW_HTTP: 'true',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: CREDENTIAL,
      AWS_SECRET_ACCESS_KEY: CREDENTIAL,
    },
    refusals: () => refused,
    close: () => server.close(),
  };
}
