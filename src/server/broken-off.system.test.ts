import { once } from 'node:events';
import { connect } from 'node:net';
import { stderr } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from './server.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ things: [] });
});
afterAll(() => server.close());
afterEach(() => {
  vi.restoreAllMocks();
});

it.each([
  [
    '/api/uploads',
    'multipart/form-data; boundary=x',
    '--x\r\ncontent-disposition: form-data; name="photos"; filename="a"\r\n\r\n',
  ],
  ['/api/concepts', 'multipart/form-data; boundary=x', '--x\r\n'],
  ['/api/search', 'application/json', '{"sentence":'],
])(
  'a client that breaks off while it sends to %s leaves no word in the terminal',
  async (path, type, start) => {
    const said = [
      vi.spyOn(stderr, 'write').mockImplementation(() => true),
      vi.spyOn(console, 'error').mockImplementation(() => {}),
    ];
    const { hostname, port, host } = new URL(server.url);
    for (const head of ['content-length: 5000', 'transfer-encoding: chunked']) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      const body = head.startsWith('transfer') ? `${start.length.toString(16)}\r\n${start}\r\n` : start;
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: ${type}\r\n${head}\r\n\r\n${body}`,
      );
      await sleep(100);
      socket.destroy();
    }
    await sleep(300);
    expect(said.flatMap((spy) => spy.mock.calls)).toEqual([]);
    expect((await server.send('/api/state')).status).toBe(200);
  },
);
