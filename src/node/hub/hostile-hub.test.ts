import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { COMMIT, type FakeHub, startFakeHub } from './fake-hub.fixture.ts';
import { resolveModel } from './fetch-model.ts';

const FILES = new Map<string, Buffer>([
  ['config.json', Buffer.from('{"model_type": "clip"}')],
  ['preprocessor_config.json', Buffer.from('{}')],
  ['tokenizer.json', Buffer.from('{"model": {}}')],
  ['model.safetensors', randomBytes(1000)],
]);

let hub: FakeHub;
let folder: string;
let cacheFolder: string;

beforeEach(async () => {
  hub = await startFakeHub(FILES);
  folder = await mkdtemp(join(tmpdir(), 'polar-hostile-'));
  cacheFolder = join(folder, 'a/b/c/cache');
  for (const name of ['HF_TOKEN', 'HF_HUB_OFFLINE', 'HF_ENDPOINT']) vi.stubEnv(name, undefined);
  vi.stubEnv('HF_HOME', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(folder, { recursive: true });
});

const fetchIt = (name = 'acme/tiny', url = hub.url) => resolveModel(name, { cacheFolder, endpoint: url });

/** Files and links that the download left, partial ones aside. */
async function written(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

it.each([
  '../../../../../x',
  '/etc',
  `${COMMIT}/../..`,
  COMMIT.slice(1),
  COMMIT.toUpperCase(),
  '',
  { x: 1 },
  7,
  [COMMIT],
])('a hub that answers %j for a commit is refused in one line, and nothing is written', async (sha) => {
  hub.trouble.sha = sha;
  await expect(fetchIt()).rejects.toThrow(
    /^[^\n]*acme\/tiny: answers [^\n]* for a commit, expected 40 hexadecimal digits[^\n]*$/,
  );
  expect(await written()).toEqual([]);
});

it('a hub that answers another commit than the one that was asked for is refused', async () => {
  await expect(fetchIt(`acme/tiny@${'b'.repeat(40)}`)).rejects.toThrow(
    /answers commit 0123\w+ for b+; check/,
  );
  expect(await written()).toEqual([]);
});

it.each(['../../x', 7, `${COMMIT}?x`])('a conversion at the commit %j is not taken', async (converted) => {
  hub.trouble.conversions = [{ author: 'SFconvertbot', status: 'open', parent: COMMIT }];
  hub.trouble.converted = converted;
  await expect(fetchIt()).rejects.toThrow(/model\.safetensors missing/);
  expect(hub.requests.filter(({ path }) => path.includes('..') || path.includes('?'))).toEqual([]);
});

it.each([
  ['hash', { lfs: undefined, oid: '../../x' }, /no hash to check the file by/],
  ['SHA-256', { lfs: { oid: '../../../x', size: 1000 } }, /no hash to check the file by/],
  ['negative size', { size: -1 }, /the hub says -1 bytes/],
  ['size in words', { size: '1000' }, /the hub says "1000" bytes/],
  ['size beyond all models', { size: 2 ** 50 }, /the hub says 1125899906842624 bytes, expected at most/],
])('a file with a hostile %s is refused in one line', async (_, changes, message) => {
  hub.trouble.describe = (info) => (info.path === 'model.safetensors' ? { ...info, ...changes } : info);
  await expect(fetchIt()).rejects.toThrow(message);
  expect(await written()).toEqual([]);
});

it('a config of gigabytes is not fetched', async () => {
  hub.trouble.describe = (info) => (info.path === 'config.json' ? { ...info, size: 3e9 } : info);
  await expect(fetchIt()).rejects.toThrow(/config\.json: the hub says 3000000000 bytes, expected at most/);
  expect(hub.requests.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
});

it('files that nobody asked for are passed over, whatever they are called', async () => {
  hub.trouble.describe = (info) =>
    info.path === 'processor_config.json' ? { ...info, path: '../../../x' } : info;
  expect((await fetchIt()).revision).toBe(COMMIT);
});

it.each([
  '../x.safetensors',
  'a/b.safetensors',
  'x\\y.safetensors',
  '.x.safetensors',
  'config.json',
  'x y.safetensors',
])('an index that names the shard %j is refused', async (shard) => {
  const files = new Map(FILES);
  files.delete('model.safetensors');
  files.set(
    'model.safetensors.index.json',
    Buffer.from(JSON.stringify({ weight_map: { a: 'one.safetensors', b: shard } })),
  );
  const sharded = await startFakeHub(files);
  await expect(fetchIt('acme/tiny', sharded.url)).rejects.toThrow(
    /model\.safetensors\.index\.json: expected a weight_map from tensors to \.safetensors files beside it/,
  );
  await sharded.close();
});

it('a branch in the cache that names no commit is asked for again', async () => {
  await fetchIt();
  await writeFile(join(cacheFolder, 'models--acme--tiny/refs/main'), '../../../../x');
  expect((await fetchIt()).revision).toBe(COMMIT);
});
