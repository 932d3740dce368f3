import { join } from 'node:path';
import { TOYBOX } from '../src/clip/hub/names.ts';
import { PhotoStore } from '../src/library/photo-store.ts';
import type { RemoteLibrary } from '../src/library/remote/remote-library.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { openContext, type PageFile, type RunningServer, startServer } from '../src/server/index.ts';

/** The app of `polar serve` with Toybox as its model, on a free port, with a home of its own. */
export async function startApp(
  home: string,
  page: ReadonlyMap<string, PageFile>,
  remote?: RemoteLibrary,
): Promise<RunningServer> {
  const clip = await loadClip(TOYBOX);
  const store = new PhotoStore(join(home, 'library'));
  const context = await openContext({ version: 'test', home, clip, store, remote });
  const server = await startServer(context, { host: '127.0.0.1', port: 0, page });
  return {
    ...server,
    async close() {
      await server.close();
      await clip.close();
    },
  };
}
