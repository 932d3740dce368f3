import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultModel } from '../default-model.ts';
import { COMMIT, type FakeHub, startFakeHub } from './fake-hub.fixture.ts';
import { resolveModel } from './fetch-model.ts';
import { listCachedModels } from './hub-cache.ts';

const FILES = new Map<string, Buffer>([
  ['config.json', Buffer.from('{"model_type": "clip"}')],
  ['preprocessor_config.json', Buffer.from('{}')],
  ['tokenizer.json', Buffer.from('{"model": {}}')],
  ['model.safetensors', randomBytes(1000)],
]);

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'polar-cache-'));
  for (const name of ['HF_TOKEN', 'HF_HUB_OFFLINE', 'HF_ENDPOINT', 'POLAR_MODEL'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('HF_HOME', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

async function put(id: string, files = FILES, commit = COMMIT): Promise<string> {
  const folder = join(cache, `models--${id.replace('/', '--')}`);
  const snapshot = join(folder, 'snapshots', commit);
  await mkdir(snapshot, { recursive: true });
  for (const [name, content] of files) await writeFile(join(snapshot, name), content);
  return folder;
}
const ids = async () => (await listCachedModels(cache)).models.map(({ id, complete }) => [id, complete]);

describe('the inventory of the cache', () => {
  it('the inventory of the cache sees a model without refs, as a download of a commit leaves it, and offline it is used', async () => {
    await put('acme/tiny');
    expect(await ids()).toEqual([['acme/tiny', true]]);
    expect((await defaultModel({ cacheFolder: cache })).name).toBe(`acme/tiny@${COMMIT}`);
    const found = await resolveModel('acme/tiny', { cacheFolder: cache, offline: true });
    expect(found.revision).toBe(COMMIT);
  });

  it('the inventory of the cache sees a model whose refs/main ends with a newline, and loads it without asking', async () => {
    const folder = await put('acme/tiny');
    await mkdir(join(folder, 'refs'));
    await writeFile(join(folder, 'refs/main'), `${COMMIT}\n`);
    expect(await ids()).toEqual([['acme/tiny', true]]);
    const fetchNothing = () => Promise.reject(new Error('asked the network'));
    const found = await resolveModel('acme/tiny', { cacheFolder: cache, fetch: fetchNothing });
    expect(found.revision).toBe(COMMIT);
  });

  it('the inventory of the cache says of a model with a part missing that it is incomplete', async () => {
    await put('acme/half', new Map([...FILES].filter(([name]) => name !== 'tokenizer.json')));
    const shards = new Map([...FILES].filter(([name]) => name !== 'model.safetensors'));
    const index = JSON.stringify({ weight_map: { a: 'one.safetensors' } });
    await put('acme/shards', shards.set('model.safetensors.index.json', Buffer.from(index)));
    expect(await ids()).toEqual([
      ['acme/half', false],
      ['acme/shards', false],
    ]);
  });

  it('the inventory of the cache names what it passes over, with the reason, and stops at nothing', async () => {
    await put('acme/tiny');
    await symlink('/nowhere', join(cache, 'models--big--model'));
    await symlink(join(cache, 'models--big--loop'), join(cache, 'models--big--loop'));
    await writeFile(join(cache, 'models--a--file'), '');
    await writeFile(join(cache, 'version.txt'), '1');
    await mkdir(join(cache, '.locks/models--acme--tiny'), { recursive: true });
    await mkdir(join(cache, 'datasets--a--b'));
    await mkdir(join(cache, 'models--empty--one'));
    await mkdir(join(cache, 'models--odd'));
    await put('other/llama', new Map([['config.json', Buffer.from('{"model_type": "llama"}')]]));
    await put('other/damaged', new Map([['config.json', Buffer.from('{')]]));
    await put('other/bare', new Map([['README.md', Buffer.from('')]]));
    const index = JSON.stringify({ weight_map: { a: '../x.safetensors' } });
    const hostile = new Map([...FILES].filter(([name]) => name !== 'model.safetensors'));
    await put('other/hostile', hostile.set('model.safetensors.index.json', Buffer.from(index)));
    const { models, skipped } = await listCachedModels(cache);
    expect(models.map(({ id }) => id)).toEqual(['acme/tiny']);
    expect(Object.fromEntries(skipped.map(({ name, reason }) => [name, reason]))).toEqual({
      'models--big--model': 'a link that leads nowhere',
      'models--big--loop': 'cannot be read (ELOOP)',
      'models--a--file': 'not a folder',
      'models--empty--one': 'no snapshot in it',
      'models--odd': 'not named models--org--name',
      'models--other--llama': 'another kind of model',
      'models--other--damaged': 'another kind of model',
      'models--other--bare': 'no config.json or open_clip_config.json in it',
      'models--other--hostile': expect.stringMatching(/expected a weight_map/),
    });
    expect((await defaultModel({ cacheFolder: cache })).name).toBe(`acme/tiny@${COMMIT}`);
  });

  it('the inventory of the cache is empty where there is no cache, and where it is a file', async () => {
    expect(await listCachedModels(join(cache, 'none'))).toEqual({ models: [], skipped: [] });
    await writeFile(join(cache, 'file'), '');
    expect(await listCachedModels(join(cache, 'file'))).toEqual({ models: [], skipped: [] });
  });

  it('the inventory of the cache judges a snapshot by files, not by links that lead nowhere', async () => {
    const folder = await put('acme/tiny');
    const weights = join(folder, 'snapshots', COMMIT, 'model.safetensors');
    await rm(weights);
    await symlink('../../blobs/gone', weights);
    expect(await ids()).toEqual([['acme/tiny', false]]);
  });
});

describe('where symbolic links are not allowed, as on Windows without the right', () => {
  let hub: FakeHub;
  beforeEach(async () => {
    hub = await startFakeHub(FILES);
  });
  afterEach(async () => {
    vi.doUnmock('node:fs/promises');
    vi.resetModules();
    await hub.close();
  });

  // The file systems of this machine all have links: what Windows answers is put in their place.
  const refusing = async (...names: ('symlink' | 'link')[]) => {
    const refuse = () =>
      Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM', syscall: 'symlink' }));
    vi.doMock('node:fs/promises', async (original) => ({
      ...(await original<typeof import('node:fs/promises')>()),
      ...Object.fromEntries(names.map((name) => [name, refuse])),
    }));
    vi.resetModules();
    return (await import('./fetch-model.ts')).resolveModel;
  };

  it.each([
    ['by hard links', ['symlink']],
    ['by copies where those are refused too', ['symlink', 'link']],
  ] as const)('a model is fetched all the same, %s', async (_, names) => {
    const resolveThere = await refusing(...names);
    const { files } = await resolveThere('acme/tiny', { cacheFolder: cache, endpoint: hub.url });
    for (const [name, content] of FILES) expect(await readFile(files.get(name)!)).toEqual(content);
    expect(files.get('model.safetensors')).toMatch(/snapshots/);
    const again = await resolveModel('acme/tiny', { cacheFolder: cache, offline: true });
    expect([...again.files]).toEqual([...files]);
  });
});
