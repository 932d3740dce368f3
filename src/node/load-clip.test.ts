import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/close.ts';
import { golden, TINY_CLIP } from '../../test/data.ts';
import { selectTexts } from '../clip/frozen-texts.ts';
import { rowOf } from '../matrix.ts';
import { testGoldenEmbeddings } from './golden-embeddings.fixture.ts';
import { resolveModel } from './hub/fetch-model.ts';
import { type Clip, loadClip, openClip } from './load-clip.ts';
import { openCheckpoint, readTensor, writeSafetensors } from './weight-file.ts';

const json = (name: string) => JSON.parse(readFileSync(golden(`${name}.json`), 'utf8')) as string[];

testGoldenEmbeddings(32, golden(''));

describe('a frozen CLIP', () => {
  const directory = TINY_CLIP;
  let clip: Clip;
  let folder: string;
  beforeAll(async () => {
    clip = await loadClip(directory);
    folder = await mkdtemp(join(tmpdir(), 'polar-clip-'));
  });
  afterAll(async () => {
    await clip.close();
    await rm(folder, { recursive: true });
  });

  it('a frozen CLIP reads widths, heads and layers from the config', () => {
    expect([clip.width, clip.dimension, clip.lastLayer]).toEqual([32, 32, 11]);
  });

  it('a frozen CLIP gives a text the same embedding whatever else is in its batch', async () => {
    const frozen = await clip.freezeTexts(['a', 'a scene containing sks and a very much longer text']);
    const alone = await clip.encodeTexts(['a']);
    const selected = await clip.encodeFrozen(selectTexts(frozen, [0, 0]));
    expect(relativeError(rowOf(selected, 1), alone.data)).toBeLessThan(1e-6);
  });

  it('a frozen CLIP gives the same embeddings where its text tower is prepared for few texts, alone and in a batch', async () => {
    const few = await openClip(await resolveModel(directory), { fewTexts: true });
    for (const texts of [['sks dog in the snow'], json('texts')]) {
      const expected = await clip.freezeTexts(texts);
      const frozen = await few.freezeTexts(texts);
      expect(relativeError(frozen.exact.contexts, expected.exact.contexts)).toBeLessThan(1e-5);
      const [given, wanted] = [await few.encodeFrozen(frozen), await clip.encodeFrozen(expected)];
      expect(relativeError(given.data, wanted.data)).toBeLessThan(1e-5);
    }
    await few.close();
  });

  it('a frozen CLIP reads weights in half precision, as bfloat16 and in double precision', async () => {
    const half = join(folder, 'half');
    await cp(directory, half, { recursive: true, filter: (path) => !path.endsWith('.safetensors') });
    await writeHalfPrecision(join(directory, 'model.safetensors'), join(half, 'model.safetensors'));
    const halfClip = await loadClip(half);
    const texts = json('texts').slice(0, 3);
    const expected = (await clip.encodeTexts(texts)).data;
    expect(relativeError((await halfClip.encodeTexts(texts)).data, expected)).toBeLessThan(0.01);
    await halfClip.close();
  });

  it('a frozen CLIP reads weights in shards', async () => {
    const texts = json('texts').slice(0, 3);
    const expected = (await clip.encodeTexts(texts)).data;
    const sharded = join(folder, 'sharded');
    await cp(directory, sharded, { recursive: true, filter: (path) => !path.endsWith('.safetensors') });
    await writeShards(directory, sharded);
    const shardedClip = await loadClip(sharded);
    expect(relativeError((await shardedClip.encodeTexts(texts)).data, expected)).toBeLessThan(1e-6);
    await shardedClip.close();
  });

  it('a frozen CLIP follows a link to the weights, as the hub cache has them', async () => {
    const linked = join(folder, 'linked');
    await cp(directory, linked, { recursive: true, filter: (path) => !path.endsWith('.safetensors') });
    await symlink(join(directory, 'model.safetensors'), join(linked, 'model.safetensors'));
    const linkedClip = await loadClip(linked);
    expect((await linkedClip.encodeTexts(['a'])).rows).toBe(1);
    await linkedClip.close();
  });

  it('a frozen CLIP loads a model that transformers 5 saved, with its preprocessor in processor_config.json', async () => {
    const newer = join(folder, 'newer');
    await cp(directory, newer, {
      recursive: true,
      filter: (path) => !path.endsWith('preprocessor_config.json'),
    });
    const image_processor: unknown = JSON.parse(
      await readFile(join(directory, 'preprocessor_config.json'), 'utf8'),
    );
    await writeFile(join(newer, 'processor_config.json'), JSON.stringify({ image_processor }));
    const saved = await loadClip(newer);
    expect([saved.preprocessorConfig, saved.revision]).toEqual([clip.preprocessorConfig, clip.revision]);
    await saved.close();
  });

  it('a frozen CLIP says so when the weights hold NaN', async () => {
    const damaged = join(folder, 'nan');
    await cp(directory, damaged, { recursive: true, filter: (path) => !path.endsWith('.safetensors') });
    const bytes = await readFile(join(directory, 'model.safetensors'));
    const { tensors } = await openCheckpoint(
      new Map([['model.safetensors', join(directory, 'model.safetensors')]]),
    );
    for (const name of ['text_projection.weight', 'visual_projection.weight']) {
      bytes.writeFloatLE(Number.NaN, tensors.get(name)!.offset);
    }
    await writeFile(join(damaged, 'model.safetensors'), bytes);
    const broken = await loadClip(damaged);
    await expect(broken.encodeTexts(['a'])).rejects.toThrow(
      /nan: the model gives embeddings that are not finite/,
    );
    await expect(broken.encodePixels(new Float32Array(3 * 64 * 64), 1)).rejects.toThrow(/not finite/);
    await broken.close();
  });

  it('a frozen CLIP refuses weights that do not fit the config, and configs of other models', async () => {
    const broken = join(folder, 'broken');
    await cp(directory, broken, { recursive: true });
    const config = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8')) as {
      text_config: { intermediate_size: number };
    };
    config.text_config.intermediate_size = 127;
    await rm(join(broken, 'config.json'), { force: true });
    await writeFile(join(broken, 'config.json'), JSON.stringify(config));
    const wrong = await loadClip(broken);
    await expect(wrong.encodeTexts(['a'])).rejects.toThrow(
      /fc1.weight has shape \[128,32\], expected \[127,32\]/,
    );
    for (const [content, message] of [
      ['{"model_type": "bert"}', /model_type is "bert", expected "clip"/],
      ['{', /config.json cannot be read/],
      ['[]', /not a JSON object/],
      ['{"model_type":"clip","projection_dim":-1}', /projection_dim is -1, expected a positive whole number/],
      ['{"model_type":"clip","text_config":{"hidden_act":"relu"}}', /hidden_act is "relu"/],
      ['{"model_type":"clip","text_config":{"num_attention_heads":7}}', /not a multiple/],
    ] as const) {
      await writeFile(join(broken, 'config.json'), content);
      await expect(loadClip(broken), content).rejects.toThrow(message);
    }
    await rm(join(broken, 'tokenizer.json'), { force: true });
    await expect(loadClip(broken)).rejects.toThrow(/tokenizer.json is missing/);
  });
});

/** The same tensors as float16, bfloat16 and float64 in turn, written here byte by byte. */
async function writeHalfPrecision(from: string, to: string): Promise<void> {
  const { tensors } = await openCheckpoint(new Map([['model.safetensors', from]]));
  const header: Record<string, object> = {};
  const blocks: Buffer[] = [];
  let offset = 0;
  let turn = 0;
  for (const [name, info] of tensors) {
    const values = await readTensor(info);
    const dtype = ['F16', 'BF16', 'F64'][turn++ % 3]!;
    const stored =
      dtype === 'F64'
        ? Float64Array.from(values)
        : Uint16Array.from(values, dtype === 'F16' ? toHalf : toBfloat16);
    const block = Buffer.from(stored.buffer);
    header[name] = { dtype, shape: info.shape, data_offsets: [offset, offset + block.length] };
    offset += block.length;
    blocks.push(block);
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  await writeFile(to, Buffer.concat([length, text, ...blocks]));
}

function toBfloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >>> 16;
}

function toHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const absolute = Math.abs(value);
  const exponent = Math.max(-14, Math.floor(Math.log2(absolute || 2 ** -14)));
  const fraction = Math.round((absolute / 2 ** exponent) * 1024);
  return absolute < 2 ** -14
    ? sign | Math.round(absolute * 2 ** 24)
    : sign | (((exponent + 15) << 10) + (fraction - 1024));
}

async function writeShards(from: string, to: string): Promise<void> {
  const { tensors } = await openCheckpoint(new Map([['model.safetensors', join(from, 'model.safetensors')]]));
  const map: Record<string, string> = {};
  for (const tower of ['text', 'vision']) {
    const file = `model-${tower}.safetensors`;
    const part: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
    for (const [name, info] of tensors) {
      if ((name.startsWith('text') ? 'text' : 'vision') !== tower) continue;
      part[name] = { shape: info.shape, data: await readTensor(info) };
      map[name] = file;
    }
    await writeSafetensors(join(to, file), part);
  }
  await writeFile(join(to, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
}
