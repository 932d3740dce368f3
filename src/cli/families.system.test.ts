import { cp, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenModel, PHOTO_COUNT, PHOTOS, TINY_CLIP } from '../../test/data.ts';
import { runPolar } from '../../test/polar.ts';
import { loadClip } from '../node/load-clip.ts';
import { openSafetensors } from '../node/weight-file.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'polar-families-'));
});
afterAll(() => rm(home, { recursive: true }));

describe.each([
  ['siglip2', 'siglip'],
  ['metaclip2', 'metaclip_2'],
  ['open_clip_custom_text', 'open_clip'],
])('the whole trip with a model of another family: %s', (name, family) => {
  const model = goldenModel(`${name}/model`);
  const polar = (...args: string[]) => runPolar(join(home, name), [...args, '--model', model]);

  it('indexes, learns with look-alikes, and finds a thing by its name', async () => {
    const indexed = await polar('index', PHOTOS, '--json');
    expect(JSON.parse(indexed.stdout)).toMatchObject([{ added: PHOTO_COUNT, skipped: [] }]);
    const learnt = await polar(
      'learn',
      'Rex',
      join(PHOTOS, 'dog'),
      '--class',
      'dog',
      '--not',
      join(PHOTOS, 'cat'),
    );
    expect(learnt).toMatchObject({ code: 0 });
    const found = await polar('search', 'Rex in the snow', '--top', '3', '--json');
    expect(found).toMatchObject({ code: 0 });
    const shown = await runPolar(join(home, name), ['concepts', 'show', 'Rex', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ name: 'Rex', identifier: 'sks dog', family });
  });

  it("keeps the concept as peft's adapter, and takes it back", async () => {
    const folder = join(home, name, 'adapter');
    const exported = await runPolar(join(home, name), ['concepts', 'export', 'Rex', folder]);
    expect(exported).toMatchObject({ code: 0 });
    if (family === 'open_clip') expect(exported.stderr).toMatch(/peft knows no model in OpenCLIP's layout/);
    else expect(exported.stderr).toBe('');
    const { tensors } = await openSafetensors(join(folder, 'adapter_model.safetensors'));
    const layer = family === 'open_clip' ? 11 : 2;
    expect([...tensors.keys()].sort()).toEqual(
      ['A', 'B'].map(
        (part) => `base_model.model.text_model.encoder.layers.${layer}.self_attn.v_proj.lora_${part}.weight`,
      ),
    );
    const config = JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8')) as object;
    await writeFile(join(folder, 'adapter_config.json'), JSON.stringify({ ...config, revision: null }));
    expect(await polar('concepts', 'import', 'Tommy', folder)).toMatchObject({ code: 0 });
    expect(await polar('search', 'Tommy')).toMatchObject({ code: 0 });
  });

  it('is refused a checkpoint of the released code, which runs CLIP only', async () => {
    const reason =
      /of the family \w+, but checkpoints of the released code \(\.pt\) are of OpenAI's CLIP models/;
    const file = join(home, name, 'concept1.pt');
    const exported = await runPolar(join(home, name), ['concepts', 'export', 'Rex', file]);
    expect(exported.code).toBe(1);
    expect(exported.stderr).toMatch(reason);
    await runPolar(home, ['learn', name, join(PHOTOS, 'dog'), '--model', TINY_CLIP]);
    await runPolar(home, ['concepts', 'export', name, join(home, `${name}.pt`)]);
    const imported = await polar('concepts', 'import', 'Three', join(home, `${name}.pt`));
    expect(imported.code).toBe(1);
    expect(imported.stderr).toMatch(reason);
  });
});

it('a token table of half a gigabyte costs the memory of the rows that a text needs', async () => {
  const rows = 4_000_000; // of 32 numbers
  const folder = join(home, 'large');
  await cp(goldenModel('siglip2/model'), folder, { recursive: true });
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { text_config: object };
  const text_config = { ...config.text_config, vocab_size: rows };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, text_config }));
  await growTable(join(folder, 'model.safetensors'), rows);
  const resident = async () =>
    Number(/VmRSS:\s+(\d+)/.exec(await readFile('/proc/self/status', 'utf8'))![1]) / 1024;
  const clip = await loadClip(folder, { threads: 1 });
  const before = await resident();
  await clip.encodeTexts(['a photo of sks']);
  expect((await resident()) - before).toBeLessThan(100);
  await clip.close();
});

/** Puts a token table of many rows, all zero and not on the disk, behind the other tensors. */
async function growTable(file: string, rows: number): Promise<void> {
  const table = 'text_model.embeddings.token_embedding.weight';
  const old = await readFile(file);
  const dataStart = 8 + Number(old.readBigUInt64LE(0));
  const header = JSON.parse(old.subarray(8, dataStart).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const kept: Buffer[] = [];
  let end = 0;
  for (const [name, info] of Object.entries(header)) {
    if (name === table || name === '__metadata__') continue;
    const [from, to] = info.data_offsets;
    kept.push(old.subarray(dataStart + from, dataStart + to));
    info.data_offsets = [end, end + to - from];
    end += to - from;
  }
  const bytes = rows * 32 * 4;
  header[table] = { dtype: 'F32', shape: [rows, 32], data_offsets: [end, end + bytes] };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const handle = await open(file, 'w');
  await handle.writeFile(Buffer.concat([length, json, ...kept]));
  await handle.truncate(8 + json.length + end + bytes);
  await handle.close();
}
