import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { outcomeOf, startPolar } from '../../test/polar.ts';
import { type MachineLearning, startMachineLearning } from './machine-learning.fixture.ts';

let home: string;
let original: MachineLearning;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'polar-immich-process-'));
  original = await startMachineLearning(async () => Float32Array.of(1));
});
afterEach(async () => {
  await original.close();
  await rm(home, { recursive: true });
});

async function startService(): Promise<{ url: string; child: ReturnType<typeof startPolar> }> {
  const args = ['immich', 'serve', '--upstream', original.url.href, '--port', '0', '--json'];
  const child = startPolar(home, args);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  const { url } = JSON.parse(String(line)) as { url: string };
  return { url, child };
}

const MB = 1 << 20;

it('a picture of 100 MB passes in constant memory, and SIGTERM ends the service', async () => {
  const { url, child } = await startService();
  const outcome = outcomeOf(child);
  const peak = async () =>
    Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;
  const chunk = randomBytes(MB);
  const send = async (chunks: number): Promise<string> => {
    const request = httpRequest(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': chunks * MB },
    });
    const answered = once(request, 'response');
    const hash = createHash('sha256');
    for (let i = 0; i < chunks; i++) {
      hash.update(chunk);
      if (!request.write(chunk)) await once(request, 'drain');
    }
    request.end();
    const [response] = (await answered) as [NodeJS.ReadableStream];
    response.resume();
    await once(response, 'end');
    return hash.digest('hex');
  };
  await send(5);
  const before = await peak();
  const sent = await send(100);
  const seen = original.requests.at(-1)!;
  expect([seen.bytes, seen.sha256]).toEqual([100 * MB, sent]);
  expect((await peak()) - before).toBeLessThan(40);
  child.kill('SIGTERM');
  expect((await outcome).code).toBe(0);
});

it('a wrong address or mapping is one clear line', async () => {
  for (const [args, words] of [
    [['--upstream', 'immich'], 'expected an address such as http://immich-machine-learning:3003'],
    [['--map', 'ViT-B-32__openai'], 'expected name=model'],
  ] as const) {
    const { code, stderr } = await outcomeOf(startPolar(home, ['immich', 'serve', ...args]));
    expect(code).toBe(1);
    expect(stderr).toContain(words);
  }
});
