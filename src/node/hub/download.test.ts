import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { downloadFile, type RemoteFile } from './download.ts';

const CONTENT = Buffer.from('what the hub has');

let folder: string;
let target: string;
let server: Server;
let file: RemoteFile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-download-'));
  target = join(folder, 'blob');
  server = createServer((_, response) => response.end(CONTENT));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hash = createHash('sha256').update(CONTENT).digest('hex');
  file = {
    name: 'blob',
    url: `http://127.0.0.1:${port}/blob`,
    size: CONTENT.length,
    hash,
    algorithm: 'sha256',
  };
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

it('leaves the file and nothing beside it', async () => {
  await downloadFile(file, target, { fetch });
  expect(await readdir(folder)).toEqual(['blob']);
});

it.runIf(process.platform === 'linux')(
  'says that the disk is full, and nothing of the connection',
  async () => {
    await symlink('/dev/full', `${target}.incomplete`);
    const error = await downloadFile(file, target, { fetch }).catch((reason: Error) => reason);
    expect(String(error)).toMatch(/blob\.incomplete: cannot be written \(ENOSPC\); .*the disk is not full/);
    expect(String(error)).not.toMatch(/connection/);
  },
);

it('says what stands in its way where it may not write', async () => {
  await writeFile(join(folder, 'taken'), '');
  await expect(downloadFile(file, join(folder, 'taken', 'blob'), { fetch })).rejects.toThrow(
    /taken.*: cannot be written \((ENOTDIR|EEXIST)\)/,
  );
});
