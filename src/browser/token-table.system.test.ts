import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/close.ts';
import { goldenModel } from '../../test/data.ts';
import { type StaticHost, startStaticHost } from '../../test/static-host.ts';
import { readNpy } from '../benchmarks/features/npy.ts';
import { fetchModel } from './fetch-model.ts';
import { loadClip } from './load-clip.ts';

// The page's code and engine in Node, whose fetch is the browser's; the cache is tested in Chromium.
describe.each(['siglip2', 'open_clip_custom_text'])('the token table of %s stays at the host', (name) => {
  const npy = async (file: string) => (await readNpy(goldenModel(`${name}/${file}.npy`))).data;
  let folder: string;
  let host: StaticHost;
  let plainHost: StaticHost;
  let texts: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-table-'));
    await cp(goldenModel(`${name}/model`), folder, { recursive: true });
    await cp(new URL('../../models/clip/tokenizer.json', import.meta.url), join(folder, 'tokenizer.json'), {
      force: false,
    });
    host = await startStaticHost({ '/': folder });
    plainHost = await startStaticHost({ '/': folder }, {}, { givesParts: false });
    texts = JSON.parse(await readFile(goldenModel(`${name}/texts.json`), 'utf8')) as string[];
  });
  afterAll(async () => {
    await host.close();
    await plainHost.close();
    await rm(folder, { recursive: true });
  });

  it('and sentences come out to the bit as with the whole file, each row fetched once', async () => {
    const whole = await loadClip(`${host.url}/`, { device: 'wasm' });
    const clip = await loadClip(`${host.url}/`, { device: 'wasm', leastTable: 1 });
    expect(clip.revision).toBe(whole.revision);
    const weights = [...(await fetchModel(`${host.url}/`, { leastTable: 1 })).weights.values()][0]!;
    const { vocabulary, width } = clip.config.text;
    expect(weights.table?.info.shape).toEqual([vocabulary, width]);
    expect(weights.size - weights.bytes.length).toBe(weights.table?.info.byteLength);

    host.requests.length = 0;
    const embedded = await clip.encodeTexts(texts);
    expect(relativeError(embedded.data, await npy('text_embeddings'))).toBeLessThan(1e-4);
    expect(embedded).toEqual(await whole.encodeTexts(texts));
    expect(host.requests.length).toBeGreaterThan(1);
    host.requests.length = 0;
    await clip.encodeTexts(texts.toReversed());
    expect(host.requests).toEqual([]);
    await clip.close();
    await whole.close();
  });

  it('unless the host gives no parts of files', async () => {
    const { weights } = await fetchModel(`${plainHost.url}/`, { leastTable: 1 });
    for (const { bytes, size, table } of weights.values()) {
      expect(table).toBeUndefined();
      expect(bytes.length).toBe(size);
    }
  });

  it('and a file that has changed at the host, or is gone, is refused in one line', async () => {
    const clip = await loadClip(`${host.url}/`, { device: 'wasm', leastTable: 1 });
    const file = join(folder, name.startsWith('open') ? 'open_clip_model.safetensors' : 'model.safetensors');
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 4));
    await expect(clip.encodeTexts(['a dog'])).rejects.toThrow(/as it did before; load the model again$/);
    await rm(file);
    await expect(clip.encodeTexts(['a dog'])).rejects.toThrow(/as it did before; load the model again$/);
    await writeFile(file, bytes);
    expect((await clip.encodeTexts(['a dog'])).rows).toBe(1);
    await clip.close();
  });
});
