import { readFile } from 'node:fs/promises';
import { halfToFloat } from '../../clip/weights/safetensors.ts';
import { PolarError } from '../../errors.ts';
import { writeBeside } from '../../node/files.ts';

/** An array of numbers as numpy stores it, row-major. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

type Reader = {
  readonly size: number;
  readonly read: (view: DataView, at: number, little: boolean) => number;
};

const READERS: ReadonlyMap<string, Reader> = new Map(
  Object.entries({
    f2: {
      size: 2,
      read: (view: DataView, at: number, little: boolean) => halfToFloat(view.getUint16(at, little)),
    },
    f4: { size: 4, read: (view: DataView, at: number, little: boolean) => view.getFloat32(at, little) },
    f8: { size: 8, read: (view: DataView, at: number, little: boolean) => view.getFloat64(at, little) },
    i4: { size: 4, read: (view: DataView, at: number, little: boolean) => view.getInt32(at, little) },
    i8: {
      size: 8,
      read: (view: DataView, at: number, little: boolean) => Number(view.getBigInt64(at, little)),
    },
  } satisfies Record<string, Reader>),
);

/**
 * Reads a `.npy` file: header versions 1 to 3, float16/32/64 and int32/64 of either byte order, C and Fortran
 * order. Object arrays, which would be pickles, are refused.
 *
 * @throws PolarError when the file is damaged or of another kind
 */
export async function readNpy(file: string): Promise<NpyArray> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new PolarError(`${file}: cannot be read (${error.code}); check the path`, 'unreadable');
  });
  return parseNpy(bytes, file);
}

/** Parses the bytes of a `.npy` file; `file` is named in errors. */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  const refuse = (what: string): PolarError =>
    new PolarError(
      `${file}: not a numpy array that can be read (${what}); save it again with numpy.save`,
      'unreadable',
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== '\x93NUMPY' || bytes.length < 12) throw refuse('no .npy header');
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw refuse(`header version ${version}`);
  const lengthBytes = version === 1 ? 2 : 4;
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = 8 + lengthBytes + headerLength;
  if (start > bytes.length) throw refuse('the header is cut short');
  const header = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(
    bytes.subarray(8 + lengthBytes, start),
  );
  const descr = /'descr'\s*:\s*'([<>|=])(\w+)'/.exec(header);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const shapeText = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(header);
  if (descr === null || order === null || shapeText === null) throw refuse(`header ${header.trim()}`);
  const reader = READERS.get(descr[2]!);
  if (reader === undefined) throw refuse(`type ${descr[2]}, expected floats`);
  const shape = shapeText[1]!
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  if (!shape.every(Number.isSafeInteger) || bytes.length - start !== count * reader.size) {
    throw refuse(`${bytes.length - start} bytes for the shape (${shape}) of ${descr[2]}`);
  }
  const little = descr[1] !== '>';
  const at = order[1] === 'True' ? fortranOrder(shape) : (index: number) => index;
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = reader.read(view, start + at(i) * reader.size, little);
  return { shape, data };
}

/** Position in column-major order of the element at a row-major index. */
function fortranOrder(shape: readonly number[]): (index: number) => number {
  return (index) => {
    let rest = index;
    let position = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = shape.slice(0, axis).reduce((product, size) => product * size, 1);
      position += (rest % shape[axis]!) * stride;
      rest = Math.floor(rest / shape[axis]!);
    }
    return position;
  };
}

/** The bytes before the data of a float32 array in `.npy` version 1. */
export function npyHeader(shape: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  // The data starts at a multiple of 64, as numpy's own files do.
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const prefix = Buffer.alloc(10);
  prefix.write('\x93NUMPY\x01\x00', 'latin1');
  prefix.writeUInt16LE(padded.length, 8);
  return Buffer.concat([prefix, Buffer.from(padded, 'latin1')]);
}

/** Writes a float32 array as `.npy` version 1; written beside, then renamed. */
export async function writeNpy(file: string, { shape, data }: NpyArray): Promise<void> {
  const values = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  await writeBeside(file, Buffer.concat([npyHeader(shape), values]));
}
