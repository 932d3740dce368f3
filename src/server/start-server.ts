import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { createAdaptorServer } from '@hono/node-server';
import { listen } from '../node/listen.ts';
import { createApp } from './app.ts';
import type { AppContext } from './context.ts';
import { Doorkeeper, isLoopback, sameSite } from './guard.ts';
import type { PageFile } from './page-files.ts';
import { SearchQuery } from './schemas.ts';
import { search } from './search.ts';

/** Where a server listens, and the page that it serves. */
export interface ServerOptions {
  /** Address to listen at; another than the loopback address asks visitors for the one-time address. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The built page, by path; read before the model is loaded, so that a missing one is noticed at once. */
  readonly page: ReadonlyMap<string, PageFile>;
  /** Told each one-time address, the next one as soon as one was used. */
  readonly onAddress?: (url: string) => void;
}

/** A server that runs. */
export interface RunningServer {
  /** Address of the app, without a slash at the end. */
  readonly url: string;
  /** What to open: with a one-time code where one is needed. */
  readonly openUrl: string;
  /** Stops what is going on, waits for it, and closes; the model is not in use any more then. */
  close(): Promise<void>;
}

/** @throws PolarError when the address or the port cannot be had */
export async function startServer(context: AppContext, options: ServerOptions): Promise<RunningServer> {
  const { host, page } = options;
  let fetch: ReturnType<typeof createApp>['fetch'] | undefined;
  const server = createAdaptorServer({ fetch: (request, env) => fetch!(request, env) }) as Server;
  const port = await listen(server, host, options.port);
  const isLocal = isLoopback(host);
  const shown = host === '0.0.0.0' || host === '::' ? addressInTheNetwork() : host;
  const name = shown.includes(':') ? `[${shown}]` : shown;
  const url = `http://${name}:${port}`;
  const door = isLocal ? undefined : new Doorkeeper(port, () => options.onAddress?.(url + door!.path));
  const guards = [sameSite(isLocal ? name : undefined), ...(door === undefined ? [] : [door.middleware])];
  fetch = createApp(context, guards, page).fetch;
  // One after the other, so that the first searches wait for no sweep. Either may fail, where there is nothing to find
  // yet, or nothing may be deleted.
  const prepare = warmUp(context).finally(() => context.renditions.sweep());
  context.work.track(prepare).catch(() => {});
  return {
    url,
    openUrl: url + (door?.path ?? ''),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const idle = context.work.close();
      server.closeAllConnections();
      await Promise.all([closed, idle, context.jobs.stop(), context.watches.close()]);
      await Promise.all([context.models.close(), context.made.close()]);
    },
  };
}

/** The first searches start the text tower and compile what they run through: not in a visitor's time. */
async function warmUp(context: AppContext): Promise<void> {
  for (const sentence of ['a photo', 'photos of a thing', 'a photo of a thing by the sea']) {
    await search(context, SearchQuery.parse({ sentence }));
  }
}

/** The address that a phone in the same network can open. */
function addressInTheNetwork(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
