import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TINY_CLIP } from '../../test/data.ts';
import { runPolar } from '../../test/polar.ts';
import { COMMIT, startFakeHub } from '../node/hub/fake-hub.fixture.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'polar-models-'));
});
afterAll(() => rm(home, { recursive: true }));

const put = (id: string) =>
  cp(TINY_CLIP, join(home, 'hub', `models--${id.replace('/', '--')}`, 'snapshots', COMMIT), {
    recursive: true,
  });

it('lists what is cached, which one is used, and what is recommended with licence, languages and recall', async () => {
  await put('openai/clip-vit-base-patch32');
  const { stdout, stderr, code } = await runPolar(home, ['models']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /openai\/clip-vit-base-patch32 {2}0123456789ab {2}\d MB {2}\(used when none is named\)/,
  );
  expect(stdout).toMatch(
    /ViT-B-16-SigLIP2__webli\n {6}recommended for photos: 1\.5 GB .*many languages {2}recall 75\.2 % {2}apache-2\.0/,
  );
  expect(stdout).toMatch(/ViT-B\/32 {2}\(in the cache\)/);
  expect(stderr).toMatch(/Recall is immich's figure for English/);
  const { stdout: json } = await runPolar(home, ['models', '--json']);
  const listed = JSON.parse(json) as {
    default: string;
    recommended: { name: string; licence: string; isUsed: boolean }[];
  };
  expect(listed.default).toBe(`openai/clip-vit-base-patch32@${COMMIT}`);
  expect(listed.recommended.filter(({ isUsed }) => isUsed).map(({ name }) => name)).toEqual(['ViT-B/32']);
});

it('removes a model by any of its names, and only that one', async () => {
  await put('openai/clip-vit-base-patch32');
  await put('openai/clip-vit-large-patch14');
  const removed = await runPolar(home, ['models', 'remove', 'ViT-B-32__openai']);
  expect(removed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^openai\/clip-vit-base-patch32 is removed, \d MB\n$/),
  });
  expect(await readdir(join(home, 'hub'))).toEqual(['models--openai--clip-vit-large-patch14']);
  const again = await runPolar(home, ['models', 'remove', 'ViT-B/32']);
  expect(again).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^polar: ViT-B\/32: no such model in the cache/),
  });
  expect((await runPolar(home, ['models', 'remove', 'toybox'])).stderr).toMatch(/ships with polar/);
});

it('says before a download that a licence forbids commercial use', async () => {
  const files = new Map([
    ['config.json', Buffer.from('{"model_type": "clip"}')],
    ['preprocessor_config.json', Buffer.from('{}')],
    ['tokenizer.json', Buffer.from('{"model": {}}')],
    ['model.safetensors', Buffer.from('weights')],
  ]);
  const hub = await startFakeHub(files);
  const env = { HF_HUB_OFFLINE: '', HF_ENDPOINT: hub.url };
  hub.trouble.licence = 'cc-by-nc-4.0';
  const { stdout, stderr } = await runPolar(home, ['models', 'download', 'acme/tiny'], env);
  expect(stderr).toBe('acme/tiny comes under the licence cc-by-nc-4.0: not for commercial use.\n');
  expect(stdout).toBe(`acme/tiny@${COMMIT} is ready (licence cc-by-nc-4.0)\n`);
  await rm(join(home, 'hub', 'models--acme--tiny'), { recursive: true });
  hub.trouble.licence = 'mit';
  const free = await runPolar(home, ['models', 'download', 'acme/tiny', '--json'], env);
  expect(free.stderr).toBe('');
  expect(JSON.parse(free.stdout)).toMatchObject({ licence: 'mit' });
  await hub.close();
});
