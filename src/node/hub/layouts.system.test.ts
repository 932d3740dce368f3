import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { relativeError } from '../../../test/close.ts';
import { goldenModel } from '../../../test/data.ts';
import { type Clip, loadClip } from '../load-clip.ts';
import { COMMIT, type FakeHub, startFakeHub } from './fake-hub.fixture.ts';
import { resolveModel } from './fetch-model.ts';
import { listCachedModels } from './hub-cache.ts';

// The files of the real repositories, by their names; what is in them is a tiny model of the same family, or nothing
// where polar must not touch it.
const OTHERS = [
  '.gitattributes',
  'README.md',
  'merges.txt',
  'special_tokens_map.json',
  'tokenizer_config.json',
  'vocab.json',
];
const PICKLES = ['pytorch_model.bin', 'open_clip_pytorch_model.bin'];

let folder: string;
let hubs: FakeHub[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-layouts-'));
  hubs = [];
  for (const name of ['HF_TOKEN', 'HF_HUB_OFFLINE', 'HF_ENDPOINT']) vi.stubEnv(name, undefined);
  vi.stubEnv('HF_HOME', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const hub of hubs) await hub.close();
  await rm(folder, { recursive: true });
});

/** A hub with these files; a name's content is that of a golden model's file, or given. */
async function hubOf(family: string, names: Readonly<Record<string, string | Buffer>>): Promise<FakeHub> {
  const files = new Map<string, Buffer>();
  for (const name of [...OTHERS, ...PICKLES]) files.set(name, randomBytes(100));
  for (const [name, content] of Object.entries(names)) {
    files.set(
      name,
      typeof content === 'string' ? await readFile(goldenModel(`${family}/model/${content}`)) : content,
    );
  }
  const hub = await startFakeHub(files);
  hubs.push(hub);
  return hub;
}
const fetched = (hub: FakeHub) =>
  [...new Set(hub.requests.map(({ path }) => path.split('/resolve/')[1]?.split('/')[1]))]
    .filter(Boolean)
    .sort();
const fetchFrom = (hub: FakeHub) => resolveModel('acme/tiny', { cacheFolder: folder, endpoint: hub.url });

/** The fetched model embeds as the golden figures of its family say, and a second time without a network. */
async function expectToEmbed(hub: FakeHub, family: string): Promise<void> {
  for (const offline of [false, true]) {
    const clip: Clip = await loadClip('acme/tiny', { cacheFolder: folder, endpoint: hub.url, offline });
    const texts = JSON.parse(await readFile(goldenModel(`${family}/texts.json`), 'utf8')) as string[];
    const npy = await readFile(goldenModel(`${family}/text_embeddings.npy`));
    const { data } = await clip.encodeTexts(texts);
    const expected = new Float32Array(
      npy.buffer.slice(npy.byteOffset + npy.length - 4 * data.length, npy.byteOffset + npy.length),
    );
    expect(relativeError(data, expected)).toBeLessThan(1e-4);
    await clip.close();
  }
  expect((await listCachedModels(folder)).models).toMatchObject([
    { id: 'acme/tiny', revision: COMMIT, complete: true },
  ]);
}

describe("the layouts of the hub's repositories", () => {
  it('a repository with the files of OpenCLIP alone is fetched with its tokenizer, as laion/…DataComp…', async () => {
    const hub = await hubOf('open_clip_plain', {
      'open_clip_config.json': 'open_clip_config.json',
      'open_clip_model.safetensors': 'open_clip_model.safetensors',
      'tokenizer.json': await readFile(new URL('../../../models/clip/tokenizer.json', import.meta.url)),
    });
    await expectToEmbed(hub, 'open_clip_plain');
    expect(fetched(hub)).toEqual(['open_clip_config.json', 'open_clip_model.safetensors', 'tokenizer.json']);
  });

  it("timm/vit_…_clip_…: OpenCLIP without a tokenizer beside timm's own image tower, CLIP's tokenizer serves", async () => {
    const hub = await hubOf('open_clip_custom_text', {
      'config.json': Buffer.from('{"architecture": "vit_base_patch32_clip_224", "num_classes": 512}'),
      'model.safetensors': randomBytes(100),
      'open_clip_config.json': 'open_clip_config.json',
      'open_clip_model.safetensors': 'open_clip_model.safetensors',
    });
    await expectToEmbed(hub, 'open_clip_custom_text');
    expect(fetched(hub)).toEqual(['config.json', 'open_clip_config.json', 'open_clip_model.safetensors']);
  });

  it.each([
    ['google/siglip2-base-patch16-224', 'siglip2'],
    ['google/siglip-base-patch16-224', 'siglip'],
    ['facebook/metaclip-2-worldwide-huge-quickgelu', 'metaclip2'],
  ])("a repository in transformers' layout is fetched: %s", async (_, family) => {
    const names = ['config.json', 'model.safetensors', 'preprocessor_config.json', 'tokenizer.json'];
    const hub = await hubOf(family, Object.fromEntries(names.map((name) => [name, name])));
    await expectToEmbed(hub, family);
    expect(fetched(hub)).toEqual(names);
  });

  it("laion/CLIP-ViT-B-32-laion2B…: both layouts, transformers' goes first", async () => {
    const hub = await hubOf('metaclip2', {
      ...Object.fromEntries(
        ['config.json', 'model.safetensors', 'preprocessor_config.json', 'tokenizer.json'].map((name) => [
          name,
          name,
        ]),
      ),
      'open_clip_config.json': Buffer.from('{"model_cfg": {}}'),
      'open_clip_model.safetensors': randomBytes(100),
    });
    await expectToEmbed(hub, 'metaclip2');
    expect(fetched(hub)).not.toContain('open_clip_model.safetensors');
  });

  it("apple/DFN2B…: pickles, and the hub's own conversion of OpenCLIP's", async () => {
    const hub = await hubOf('open_clip_plain', {
      'open_clip_config.json': 'open_clip_config.json',
      'open_clip_pytorch_model.safetensors': 'open_clip_model.safetensors',
    });
    hub.trouble.conversions = [{ author: 'SFconvertbot', status: 'open', parent: COMMIT }];
    await expectToEmbed(hub, 'open_clip_plain');
    expect(fetched(hub)).toEqual(['open_clip_config.json', 'open_clip_pytorch_model.safetensors']);
  });
});

describe('what is not fetched', () => {
  it('pickles, never: one line names what is missing', async () => {
    const hub = await hubOf('open_clip_plain', { 'open_clip_config.json': 'open_clip_config.json' });
    await expect(fetchFrom(hub)).rejects.toThrow(
      /^[^\n]*acme\/tiny: open_clip_model\.safetensors missing; choose a repository with safetensors weights[^\n]*$/,
    );
    expect(fetched(hub)).toEqual(['open_clip_config.json']);
  });

  it.each([
    [
      'timm/ViT-B-16-SigLIP2',
      { vision_cfg: { timm_model_name: 'vit_base_patch16_siglip_224' } },
      /timm_model_name is "vit_base/,
    ],
    ['laion/…roberta…', { text_cfg: { hf_model_name: 'roberta-base' } }, /hf_model_name is "roberta-base"/],
  ])('the weights of another architecture (%s): told by the config', async (_, model, message) => {
    const config = { model_cfg: { embed_dim: 512, vision_cfg: {}, text_cfg: {}, ...model } };
    const hub = await hubOf('open_clip_plain', {
      'open_clip_config.json': Buffer.from(JSON.stringify(config)),
      'open_clip_model.safetensors': randomBytes(100),
      'tokenizer.json': randomBytes(100),
    });
    await expect(fetchFrom(hub)).rejects.toThrow(message);
    expect(fetched(hub)).toEqual(['open_clip_config.json']);
  });

  it('an OpenCLIP model that names a tokenizer which is not in the repository: one line', async () => {
    const config = {
      model_cfg: { embed_dim: 512, vision_cfg: {}, text_cfg: { vocab_size: 250_000, context_length: 64 } },
    };
    const hub = await hubOf('open_clip_plain', {
      'open_clip_config.json': Buffer.from(JSON.stringify(config)),
      'open_clip_model.safetensors': randomBytes(100),
    });
    await expect(fetchFrom(hub)).rejects.toThrow(/acme\/tiny: tokenizer\.json missing; choose/);
  });
});
