import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { built } from '../../../test/program.ts';
import { defaultModel } from '../default-model.ts';
import { COMMIT, type FakeHub, startFakeHub } from './fake-hub.fixture.ts';
import { type ResolveOptions, resolveModel } from './fetch-model.ts';
import { listCachedModels } from './hub-cache.ts';

const WEIGHTS = randomBytes(300_000);
const FILES = new Map<string, Buffer>([
  ['config.json', Buffer.from('{"model_type": "clip"}')],
  ['preprocessor_config.json', Buffer.from('{}')],
  ['tokenizer.json', Buffer.from('{"model": {}}')],
  ['model.safetensors', WEIGHTS],
]);

let hub: FakeHub;
let cacheFolder: string;
let options: ResolveOptions;
/** The pauses that were asked for, milliseconds; none of them is made. */
let pauses: number[];

beforeEach(async () => {
  hub = await startFakeHub(FILES);
  cacheFolder = await mkdtemp(join(tmpdir(), 'polar-hub-'));
  pauses = [];
  options = {
    cacheFolder,
    endpoint: hub.url,
    pause: async (ms) => {
      pauses.push(ms);
    },
  };
  for (const name of ['HF_TOKEN', 'HF_HUB_OFFLINE', 'POLAR_MODEL', 'HF_ENDPOINT'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('HF_HOME', cacheFolder); // no token file of this machine
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(cacheFolder, { recursive: true });
});

/** Files in the cache that carry a final name. */
async function blobs(): Promise<string[]> {
  const names = await readdir(join(cacheFolder, 'models--acme--tiny', 'blobs')).catch(() => []);
  return names.filter((name) => /^[0-9a-f]+$/.test(name));
}

describe('fetching a model', () => {
  it('fetching a model puts every file into the standard cache and names the real files', async () => {
    const seen: string[] = [];
    const { id, revision, files } = await resolveModel('acme/tiny', {
      ...options,
      onProgress: ({ file, loaded, total }) => {
        if (loaded === total) seen.push(file);
      },
    });
    expect({ id, revision }).toEqual({ id: 'acme/tiny', revision: COMMIT });
    expect(seen.sort()).toEqual([...FILES.keys()].sort());
    for (const [name, content] of FILES) expect(await readFile(files.get(name)!)).toEqual(content);
    expect(files.get('model.safetensors')).toMatch(/blobs\/[0-9a-f]{64}$/);
    const bytes = [...FILES.values()].reduce((sum, { length }) => sum + length, 0);
    expect(await listCachedModels(cacheFolder)).toEqual({
      models: [{ id: 'acme/tiny', revision: COMMIT, bytes, complete: true }],
      skipped: [],
    });
    expect((await defaultModel({ cacheFolder })).name).toBe(`acme/tiny@${COMMIT}`);
  });

  it('fetching a model asks the network nothing when the model is in the cache', async () => {
    await resolveModel('acme/tiny', options);
    hub.requests.length = 0;
    await resolveModel('acme/tiny', options);
    await resolveModel(`acme/tiny@${COMMIT}`, { ...options, offline: true });
    expect(hub.requests).toEqual([]);
  });

  it('fetching a model goes on where a cut connection stopped', async () => {
    hub.trouble.cut = { after: 100_000, times: 2 };
    const { files } = await resolveModel('acme/tiny', options);
    expect(await readFile(files.get('model.safetensors')!)).toEqual(WEIGHTS);
    const ranges = hub.requests.filter(({ path }) => path.endsWith('.safetensors')).map(({ range }) => range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.slice(1)).toEqual(['bytes=100000-', 'bytes=200000-']);
  });

  it('fetching a model fetches again when a byte was flipped, and gives up with one line when it always is', async () => {
    hub.trouble.flips = 1;
    const { files } = await resolveModel('acme/tiny', options);
    expect(await readFile(files.get('model.safetensors')!)).toEqual(WEIGHTS);
    await rm(join(cacheFolder, 'models--acme--tiny'), { recursive: true });
    hub.trouble.flips = 100;
    await expect(resolveModel('acme/tiny', options)).rejects.toThrow(
      /^[^\n]*the download failed 5 times \(its sha256 is [0-9a-f]+, expected [^\n]*$/,
    );
    expect(await blobs()).toHaveLength(3);
  }, 90_000);

  it('fetching a model waits as long as the hub asks for (429) and tries again after a stumble (503)', async () => {
    hub.trouble.refuse = { status: 429, times: 1, retryAfter: '7' };
    await resolveModel('acme/tiny', options);
    expect(pauses).toEqual([7000]);
    await rm(join(cacheFolder, 'models--acme--tiny'), { recursive: true });
    hub.trouble.refuse = { status: 503, times: 2 };
    await resolveModel('acme/tiny', options);
    const [, first, second, ...more] = pauses;
    expect(first).toBeGreaterThanOrEqual(250);
    expect(first).toBeLessThanOrEqual(500);
    expect(second).toBeGreaterThanOrEqual(500);
    expect(second).toBeLessThanOrEqual(1000);
    expect(more).toEqual([]);
  });

  it('fetching a model does not send the token on to another host', async () => {
    const other = await startFakeHub(FILES);
    hub.trouble.redirectTo = other.url.replace('127.0.0.1', 'localhost');
    hub.trouble.token = 'secret';
    await resolveModel('acme/tiny', { ...options, token: 'secret' });
    expect(hub.requests.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true);
    expect(other.requests.length).toBeGreaterThan(0);
    expect(other.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
    await other.close();
  });

  it('fetching a model takes the token from HF_TOKEN, or from the token file', async () => {
    hub.trouble.token = 'secret';
    await writeFile(join(cacheFolder, 'token'), 'secret\n');
    await resolveModel('acme/tiny', options);
    await rm(join(cacheFolder, 'models--acme--tiny'), { recursive: true });
    await rm(join(cacheFolder, 'token'));
    await expect(resolveModel('acme/tiny', options)).rejects.toThrow(/refuses access \(401\); set HF_TOKEN/);
    vi.stubEnv('HF_TOKEN', 'secret');
    await resolveModel('acme/tiny', options);
  });

  it('fetching a model says what is missing: the repository, files in it, the network', async () => {
    await expect(resolveModel('acme/none', options)).rejects.toThrow(/acme\/none: not found \(404\)/);
    const bare = await startFakeHub(new Map([...FILES].filter(([name]) => !name.includes('.safe'))));
    const asked = resolveModel('acme/tiny', { ...options, endpoint: bare.url });
    await expect(asked).rejects.toThrow(/model.safetensors missing; choose a repository/);
    await bare.close();
    const unreachable = resolveModel('acme/tiny', { ...options, endpoint: bare.url });
    await expect(unreachable).rejects.toThrow(/the hub cannot be reached \(.*ECONNREFUSED/);
    expect(await blobs()).toHaveLength(1); // the config, which tells the kind of model
  }, 90_000);

  it('offline and not cached: one line that says what to run where', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    await expect(resolveModel('ViT-B/32', options)).rejects.toThrow(
      /^ViT-B\/32: not in the cache [^\n]*run "polar models download ViT-B\/32" where there is a network[^\n]*$/,
    );
    expect(hub.requests).toEqual([]);
  });

  it('fetching a model fetches the shards that an index names', async () => {
    const index = { weight_map: { a: 'one.safetensors', b: 'two.safetensors' } };
    const files = new Map(FILES);
    files.delete('model.safetensors');
    files.set('model.safetensors.index.json', Buffer.from(JSON.stringify(index)));
    files.set('one.safetensors', randomBytes(1000));
    files.set('two.safetensors', randomBytes(2000));
    const sharded = await startFakeHub(files);
    const model = await resolveModel('acme/tiny', { ...options, endpoint: sharded.url });
    expect(await readFile(model.files.get('two.safetensors')!)).toEqual(files.get('two.safetensors'));
    await sharded.close();
  });
});

describe('a repository whose branch has no safetensors weights', () => {
  const bot = { author: 'SFconvertbot', status: 'open', parent: COMMIT };

  it("a repository without safetensors weights takes them from the hub's own conversion of just that commit, and is that commit", async () => {
    hub.trouble.conversions = [
      { ...bot, author: 'somebody' },
      { ...bot, status: 'closed' },
      { ...bot, parent: 'e'.repeat(40) },
      bot,
    ];
    const model = await resolveModel('acme/tiny', options);
    expect(model.revision).toBe(COMMIT);
    expect(await readFile(model.files.get('model.safetensors')!)).toEqual(WEIGHTS);
    hub.requests.length = 0;
    expect(await resolveModel('acme/tiny', { ...options, offline: true })).toEqual(model);
    expect(hub.requests).toEqual([]);
  });

  it.each([
    ['somebody else opened it', [{ ...bot, author: 'somebody' }]],
    ['it is of another commit', [{ ...bot, parent: 'e'.repeat(40) }]],
    ['there is none', []],
  ])('a repository without safetensors weights is refused where %s', async (_, conversions) => {
    hub.trouble.conversions = conversions;
    await expect(resolveModel('acme/tiny', options)).rejects.toThrow(
      /^[^\n]*acme\/tiny: model\.safetensors missing; choose a repository[^\n]*$/,
    );
  });
});

it('another kind of model is refused before its weights are fetched', async () => {
  const bert = new Map(FILES).set('config.json', Buffer.from('{"model_type": "bert"}'));
  const other = await startFakeHub(bert);
  await expect(resolveModel('acme/tiny', { ...options, endpoint: other.url })).rejects.toThrow(
    /acme\/tiny: config\.json: model_type is "bert", expected "clip", "siglip", "metaclip_2"; supported are CLIP/,
  );
  expect(other.requests.filter(({ path }) => path.includes('/resolve/'))).toHaveLength(1);
  await other.close();
});

describe('several processes', () => {
  const script = `import { resolveModel } from ${JSON.stringify(built('node/hub/fetch-model.ts'))};
    const { files } = await resolveModel('acme/tiny', JSON.parse(process.argv[1]));
    console.log(files.get('model.safetensors'));`;
  const start = () =>
    spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });

  it('two at once download each file once and both get it', async () => {
    hub.trouble.slow = { bytes: 30_000, every: 30 };
    const processes = [start(), start()];
    const outputs = await Promise.all(
      processes.map(async (child) => {
        let text = '';
        child.stdout.on('data', (chunk) => {
          text += String(chunk);
        });
        expect(await once(child, 'close')).toEqual([0, null]);
        return text.trim();
      }),
    );
    expect(await readFile(outputs[0]!)).toEqual(WEIGHTS);
    expect(outputs[1]).toBe(outputs[0]);
    expect(hub.requests.filter(({ path }) => path.endsWith('.safetensors'))).toHaveLength(1);
  });

  it('a download killed with SIGKILL leaves no final name and is resumed', async () => {
    hub.trouble.slow = { bytes: 2000, every: 50 };
    const child = start();
    const partial = join(cacheFolder, 'models--acme--tiny', 'blobs');
    const ofWeights = /^[0-9a-f]{64}\.incomplete$/;
    await vi.waitFor(
      async () => {
        const name = (await readdir(partial)).find((file) => ofWeights.test(file));
        expect((await stat(join(partial, name!))).size).toBeGreaterThan(0);
      },
      { timeout: 30_000, interval: 20 },
    );
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await blobs()).toHaveLength(3);
    delete hub.trouble.slow;
    const { files } = await resolveModel('acme/tiny', options);
    expect(await readFile(files.get('model.safetensors')!)).toEqual(WEIGHTS);
    const last = hub.requests.filter(({ path }) => path.endsWith('.safetensors')).at(-1)!;
    expect(Number(/bytes=(\d+)-/.exec(last.range ?? '')?.[1])).toBeGreaterThan(0);
  }, 60_000);
});

describe('names', () => {
  it.each(['no such thing', '../up/there', 'a/b/c', 'org/..'])(
    'the name of no model is refused: %s',
    async (name) => {
      await expect(resolveModel(name, options)).rejects.toThrow(/no such model; give a folder/);
    },
  );

  it('refuses a file, and a folder without weights', async () => {
    const file = join(cacheFolder, 'x.safetensors');
    await writeFile(file, '');
    await expect(resolveModel(file, options)).rejects.toThrow(/a file, expected the folder/);
    for (const name of ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'pytorch_model.bin']) {
      await writeFile(join(cacheFolder, name), '{}');
    }
    await expect(resolveModel(cacheFolder, options)).rejects.toThrow(
      /model.safetensors is missing \(pytorch_model.bin cannot be read\)/,
    );
    await mkdir(join(cacheFolder, 'model.safetensors'));
    await expect(resolveModel(cacheFolder, options)).rejects.toThrow(/model\.safetensors: not a file/);
    await rm(join(cacheFolder, 'tokenizer.json'));
    await expect(resolveModel(cacheFolder, options)).rejects.toThrow(/tokenizer.json is missing/);
  });

  it('a changed weight changes the revision of a folder', async () => {
    for (const [name, content] of FILES) await writeFile(join(cacheFolder, name), content);
    const before = await resolveModel(cacheFolder, options);
    const changed = Buffer.from(WEIGHTS);
    changed[changed.length - 1]! ^= 1;
    await writeFile(join(cacheFolder, 'model.safetensors'), changed);
    expect((await resolveModel(cacheFolder, options)).revision).not.toBe(before.revision);
  });
});
