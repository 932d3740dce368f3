import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { halfToFloat, requireTensor } from '../clip/weights/safetensors.ts';
import { openCheckpoint, openSafetensors, readTensor, writeSafetensors } from './weight-file.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-safetensors-'));
  file = join(folder, 'x.safetensors');
});
afterAll(() => rm(folder, { recursive: true }));

/** A file with this header text and this much data, whatever the header says. */
function bytes(header: string | object, data = 0, headerLength?: bigint): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(headerLength ?? BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(data)]);
}
const tensor = (dtype: unknown, shape: unknown, offsets: unknown) => ({
  dtype,
  shape,
  data_offsets: offsets,
});

describe('a safetensors file', () => {
  it('a safetensors file is read as it was written, with its metadata', async () => {
    await writeSafetensors(
      file,
      {
        a: { shape: [2, 2], data: Float32Array.of(1, 2, 3, -4.5) },
        b: { shape: [1], data: Float32Array.of(9) },
      },
      { name: 'Rex “ü”' },
    );
    const checkpoint = await openSafetensors(file);
    expect(checkpoint.metadata).toEqual({ name: 'Rex “ü”' });
    expect(await readTensor(requireTensor(checkpoint, 'a', [2, 2]))).toEqual(Float32Array.of(1, 2, 3, -4.5));
    expect(await readTensor(requireTensor(checkpoint, 'b', [1]))).toEqual(Float32Array.of(9));
    expect(() => requireTensor(checkpoint, 'c', [1])).toThrow(/tensor c is missing/);
    expect(() => requireTensor(checkpoint, 'a', [4])).toThrow(/tensor a has shape \[2,2\], expected \[4\]/);
    expect(await readdir(folder)).toEqual(['x.safetensors']);
  });

  it.each<[string, Buffer, RegExp]>([
    ['shorter than a header length', Buffer.alloc(7), /7 bytes, expected at least 8/],
    ['a header length beyond the file', bytes('{}', 0, 1n << 40n), /a header of 1099511627776 bytes/],
    ['a header length of 2^64 - 1', bytes('{}', 0, (1n << 64n) - 1n), /a header of 1844/],
    ['a header that is no JSON', bytes('{"a":'), /the header is not JSON/],
    ['a header that is a list', bytes('[]'), /not a JSON object/],
    ['metadata of numbers', bytes({ __metadata__: { a: 1 } }), /__metadata__ is not a map of strings/],
    ['an unknown type', bytes({ a: tensor('F12', [1], [0, 4]) }, 4), /unknown type "F12"/],
    ['a type that is a property name', bytes({ a: tensor('constructor', [1], [0, 4]) }, 4), /unknown type/],
    ['a negative dimension', bytes({ a: tensor('F32', [-1], [0, 4]) }, 4), /has the shape \[-1\]/],
    ['a broken dimension', bytes({ a: tensor('F32', [1.5], [0, 6]) }, 6), /has the shape \[1.5\]/],
    [
      'dimensions beyond all numbers',
      bytes({ a: tensor('F32', [2 ** 52, 2 ** 52], [0, 4]) }, 4),
      /needs 8.1/,
    ],
    ['no shape', bytes({ a: tensor('F32', null, [0, 4]) }, 4), /has the shape null/],
    ['no tensor at all', bytes({ a: null }, 4), /unknown type undefined/],
    ['offsets beyond the file', bytes({ a: tensor('F32', [2], [0, 8]) }, 4), /bytes 0 to 8 of 4/],
    ['offsets the wrong way round', bytes({ a: tensor('F32', [1], [4, 0]) }, 4), /bytes 4 to 0/],
    ['one offset', bytes({ a: tensor('F32', [1], [0]) }, 4), /has the offsets \[0\]/],
    [
      'a shape of another size',
      bytes({ a: tensor('F32', [3], [0, 8]) }, 8),
      /8 bytes, its shape \[3\] needs 12/,
    ],
    [
      'overlapping tensors',
      bytes({ a: tensor('F32', [2], [0, 8]), b: tensor('F32', [1], [4, 8]) }, 8),
      /tensor b overlaps/,
    ],
    [
      'a gap between tensors',
      bytes({ a: tensor('F32', [1], [0, 4]), b: tensor('F32', [1], [8, 12]) }, 12),
      /a gap of 4 bytes before tensor b/,
    ],
    [
      'data behind the last tensor',
      bytes({ a: tensor('F32', [1], [0, 4]) }, 9),
      /end at byte \d+, the file at/,
    ],
  ])('a safetensors file with %s is refused in one line', async (_, content, message) => {
    await writeFile(file, content);
    const error = await openSafetensors(file).catch((reason: Error) => reason);
    expect(error).toMatchObject({ name: 'PolarError', message: expect.stringMatching(message) });
    expect((error as Error).message).toMatch(/^[^\n]*x\.safetensors[^\n]*download or export it again$/);
  });

  it('a safetensors file that is not there is refused', async () => {
    await expect(openSafetensors(join(folder, 'none'))).rejects.toThrow(/cannot be opened \(ENOENT\)/);
  });

  it('a safetensors file of whole numbers is not read as floats', async () => {
    await writeFile(file, bytes({ a: tensor('I32', [1], [0, 4]) }, 4));
    const { tensors } = await openSafetensors(file);
    await expect(readTensor(tensors.get('a')!)).rejects.toThrow(/has type I32, expected F64, F32, F16, BF16/);
  });
});

describe('a sharded checkpoint', () => {
  it.each([
    ['{}', /expected a weight_map/],
    ['{"weight_map":{"a":"../x.safetensors"}}', /expected a weight_map/],
    ['{"weight_map":{"a":7}}', /expected a weight_map/],
    ['{"weight_map":{"a":"absent.safetensors"}}', /names absent.safetensors, which is missing/],
  ])('a sharded checkpoint with the index %s is refused', async (index, message) => {
    const path = join(folder, 'model.safetensors.index.json');
    await writeFile(path, index);
    await expect(openCheckpoint(new Map([['model.safetensors.index.json', path]]))).rejects.toThrow(message);
  });

  it('a checkpoint without weights is refused', async () => {
    await expect(openCheckpoint(new Map())).rejects.toThrow(/neither model.safetensors nor/);
  });
});

describe('half precision', () => {
  it.each([
    [0x0000, 0],
    [0x0001, 2 ** -24],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('the 16 bits %i are read as the number %d', (bits, value) => {
    expect(halfToFloat(bits)).toBe(value);
  });
});
