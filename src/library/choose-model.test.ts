import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseModel } from './choose-model.ts';

const COMMIT = 'a'.repeat(40);
const BASE = `openai/clip-vit-base-patch32@${COMMIT}`;

describe('the model that is used when none is named', () => {
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'polar-choose-'));
    vi.stubEnv('HF_HUB_CACHE', cache);
    vi.stubEnv('POLAR_MODEL', '');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });

  async function putInCache(id: string): Promise<void> {
    const repository = join(cache, `models--${id.replaceAll('/', '--')}`);
    const snapshot = join(repository, 'snapshots', COMMIT);
    await mkdir(snapshot, { recursive: true });
    await mkdir(join(repository, 'refs'));
    await mkdir(join(repository, 'blobs'));
    await writeFile(join(repository, 'refs', 'main'), COMMIT);
    for (const name of ['preprocessor_config.json', 'tokenizer.json', 'model.safetensors']) {
      await writeFile(join(snapshot, name), '{}');
    }
    await writeFile(join(snapshot, 'config.json'), '{"model_type": "clip"}');
  }
  const libraryOf = (...names: string[]) => ({
    models: async () =>
      names.map((name) => {
        const [id, revision] = name.split('@');
        return { id: id!, revision: revision ?? 'r' } as never;
      }),
  });

  it('the model that is used when none is named is Toybox where there is nothing else', async () => {
    expect((await chooseModel(undefined, libraryOf())).name).toBe('toybox');
  });

  it('the model that is used when none is named is the one that the library was indexed with', async () => {
    await putInCache('openai/clip-vit-large-patch14');
    expect((await chooseModel(undefined, libraryOf(BASE))).name).toBe(BASE);
  });

  it('the model that is used when none is named is for a search Toybox as long as the library is indexed with nothing else', async () => {
    await putInCache('openai/clip-vit-base-patch32');
    expect((await chooseModel(undefined, libraryOf('toybox'))).name).toBe('toybox');
    expect((await chooseModel(undefined, libraryOf('toybox', BASE))).name).toBe(BASE);
  });

  it('the model that is used when none is named is for indexing the best one of the cache, once there is one besides Toybox', async () => {
    await putInCache('openai/clip-vit-base-patch32');
    expect((await chooseModel(undefined, libraryOf('toybox'), { purpose: 'index' })).name).toBe(BASE);
  });

  it('the model that is used when none is named is weighed by quality and time where several are there, and one line says so', async () => {
    await putInCache('openai/clip-vit-base-patch32');
    await putInCache('google/siglip2-base-patch16-224');
    const counted = vi.fn(async () => 500);
    const { name, reason } = await chooseModel(undefined, libraryOf(), { purpose: 'index', photos: counted });
    expect(name).toBe(`google/siglip2-base-patch16-224@${COMMIT}`);
    expect(reason).toMatch(
      /^Using google\/siglip2-base-patch16-224 of 2 models in the cache: about \d+ (s|min) for 500 photos on this machine\. Another one: --model, or POLAR_MODEL\.$/,
    );
    expect(counted).toHaveBeenCalledOnce();
  });

  it('the model that is used when none is named is asked for where the library was indexed with several', async () => {
    await expect(chooseModel(undefined, libraryOf(BASE, `a/b@${COMMIT}`))).rejects.toThrow(
      /^the library was indexed with several models .* choose one with --model$/,
    );
  });

  it('the model that is used when none is named is the named one before all others, then POLAR_MODEL', async () => {
    expect((await chooseModel('ViT-B/16', libraryOf(BASE))).name).toBe('ViT-B/16');
    vi.stubEnv('POLAR_MODEL', 'ViT-L/14');
    expect((await chooseModel(undefined, libraryOf(BASE))).name).toBe('ViT-L/14');
  });
});
