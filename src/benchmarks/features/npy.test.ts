import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNpy, readNpy, writeNpy } from './npy.ts';

/** A .npy file with this header dictionary, as numpy would write it. */
function npy(dictionary: string, data: Uint8Array, version = 1): Uint8Array {
  const header = Buffer.from(`${dictionary}\n`, version === 3 ? 'utf8' : 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  return Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from('NUMPY'),
    Buffer.from([version, 0]),
    length,
    header,
    data,
  ]);
}
const dictionary = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('a .npy file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-npy-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('a .npy file is read as it was written, starts its data at a multiple of 64, and leaves nothing beside it', async () => {
    const file = join(folder, 'x.npy');
    const data = Float32Array.from({ length: 6 }, (_, i) => i / 3);
    for (const shape of [[6], [2, 3], [1, 2, 3]]) {
      await writeNpy(file, { shape, data });
      expect(await readNpy(file)).toEqual({ shape, data });
      expect(((await readFile(file)).length - data.byteLength) % 64).toBe(0);
    }
    expect(await readdir(folder)).toEqual(['x.npy']);
  });

  it.each([
    ['<f8', bytesOf(Float64Array.of(1, 2, 3, 4))],
    ['<f4', bytesOf(Float32Array.of(1, 2, 3, 4))],
    ['<f2', bytesOf(Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400))],
    ['<i8', bytesOf(BigInt64Array.of(1n, 2n, 3n, 4n))],
    ['<i4', bytesOf(Int32Array.of(1, 2, 3, 4))],
    ['>f4', Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0, 0x40, 0x40, 0, 0, 0x40, 0x80, 0, 0)],
  ])('of %s is read in all header versions and both orders', (descr, data) => {
    for (const version of [1, 2, 3]) {
      expect(parseNpy(npy(dictionary(descr, '(2, 2)'), data, version), 'x').data).toEqual(
        Float32Array.of(1, 2, 3, 4),
      );
    }
    expect(parseNpy(npy(dictionary(descr, '(2, 2)', 'True'), data), 'x').data).toEqual(
      Float32Array.of(1, 3, 2, 4),
    );
    expect(parseNpy(npy(dictionary(descr, '(4,)'), data), 'x').shape).toEqual([4]);
  });

  it.each([
    ['an object array', npy(dictionary('|O', '(1,)'), new Uint8Array(8)), /type O, expected floats/],
    ['a structured type', npy("{'descr': [('a', '<f4')], 'shape': (1,)}", new Uint8Array(4)), /header/],
    [
      'a type that is a property name',
      npy(dictionary('<constructor', '(1,)'), new Uint8Array(4)),
      /type constr/,
    ],
    ['too little data', npy(dictionary('<f4', '(3,)'), new Uint8Array(8)), /8 bytes for the shape \(3\)/],
    ['a huge shape', npy(dictionary('<f4', '(99999999999, 99999999999)'), new Uint8Array(8)), /8 bytes for/],
    ['version 9', npy(dictionary('<f4', '(1,)'), new Uint8Array(4), 9), /header version 9/],
    ['a header cut short', npy(dictionary('<f4', '(1,)'), new Uint8Array(4)).subarray(0, 40), /cut short/],
    ['no magic', new Uint8Array(100), /no .npy header/],
    ['nothing', new Uint8Array(0), /no .npy header/],
  ])('a .npy file with %s is refused', (_, bytes, message) => {
    expect(() => parseNpy(bytes, 'x.npy')).toThrow(message);
  });

  it('a .npy file that is not there is refused', async () => {
    await expect(readNpy(join(folder, 'none.npy'))).rejects.toThrow(/none.npy: cannot be read \(ENOENT\)/);
  });
});
