import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A package registry on this machine. */
export interface Registry {
  readonly url: string;
  /** Publishes packed packages. */
  publish(files: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a registry in `folder`: names of this project only as they are published here, all others as the registry has
 * them that npm is configured for.
 */
export async function startRegistry(folder: string): Promise<Registry> {
  const { runServer } = await verdaccio();
  const { stdout } = await run('npm', ['config', 'get', 'registry']);
  const config = join(folder, 'config.yaml');
  await mkdir(folder, { recursive: true });
  const everybody = { access: '$all', publish: '$all' };
  await writeFile(
    config, // YAML holds JSON
    JSON.stringify({
      storage: join(folder, 'storage'),
      uplinks: { configured: { url: stdout.trim(), cache: false } },
      packages: {
        'polar-vl': everybody,
        '@polar-vl/*': everybody,
        '**': { access: '$all', proxy: 'configured' },
      },
      max_body_size: '200mb',
      log: { type: 'stdout', level: 'fatal' },
    }),
  );
  const server = await runServer(config);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    publish: async (files) => {
      const token = `--${url.slice('http:'.length)}:_authToken=anybody`; // npm asks for one, this registry does not
      for (const file of files) await run('npm', ['publish', file, '--registry', url, token]);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Installed beside this file, since nothing else needs it: its hundred packages are spared who only runs the tests. */
async function verdaccio(): Promise<{ runServer(config: string): Promise<Server> }> {
  const name: string = 'verdaccio';
  return import(name).catch(() => {
    throw new Error('verdaccio is not installed; run "npm ci --prefix tools/release" first');
  });
}
