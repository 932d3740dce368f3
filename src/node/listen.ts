import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PolarError } from '../errors.ts';

/**
 * Makes a server listen.
 *
 * @param port 0 for any free one
 * @returns the port
 * @throws PolarError when the address or the port cannot be had
 */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be had (${error.code})`;
      reject(new PolarError(`${host}:${port} ${reason}; choose another with --port or --host`, 'busy'));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
