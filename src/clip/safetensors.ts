import { type FileHandle, open, readFile, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { PolarError } from '../errors.ts';
import { writeBeside } from '../files.ts';

/** Bytes of one element of each type that the safetensors format knows. */
const ELEMENT_BYTES: ReadonlyMap<unknown, number> = new Map([
  ...['BOOL', 'U8', 'I8', 'F8_E4M3', 'F8_E5M2'].map((type) => [type, 1] as const),
  ...['I16', 'U16', 'F16', 'BF16'].map((type) => [type, 2] as const),
  ...['I32', 'U32', 'F32'].map((type) => [type, 4] as const),
  ...['I64', 'U64', 'F64'].map((type) => [type, 8] as const),
]);

// The limit of the format's reference implementation; a larger header is an attack or not a safetensors file.
const MAX_HEADER_BYTES = 100_000_000;

/** Where a tensor lies. */
export interface TensorInfo {
  readonly name: string;
  /** `F32`, `F16`, `BF16`, ... */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Real path of the file. */
  readonly file: string;
  /** Byte offset from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** The tensors of a checkpoint, in one file or several. */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The `__metadata__` of the file; empty for sharded checkpoints. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the header of a safetensors file and checks every number in it against the file: nothing of the
 * weights is read.
 *
 * @throws PolarError when the file is damaged or hostile
 */
export async function openSafetensors(path: string): Promise<Checkpoint> {
  const damaged = (what: string): PolarError =>
    new PolarError(`${path}: not a sound safetensors file (${what}); download or export it again`);
  const handle = await openForReading(path);
  try {
    const { size } = await handle.stat();
    if (size < 8) throw damaged(`${size} bytes, expected at least 8`);
    const headerBytes = Number((await readRange(handle, 0, 8)).readBigUInt64LE());
    if (headerBytes > MAX_HEADER_BYTES || headerBytes > size - 8) {
      throw damaged(`a header of ${headerBytes} bytes in a file of ${size}`);
    }
    const header = parseHeader((await readRange(handle, 8, headerBytes)).toString('utf8'), damaged);
    const dataStart = 8 + headerBytes;
    const file = await realpath(path);
    const tensors = new Map<string, TensorInfo>();
    for (const [name, value] of Object.entries(header.tensors)) {
      tensors.set(name, readInfo(name, value, { file, dataStart, size }, damaged));
    }
    let end = dataStart;
    for (const info of [...tensors.values()].sort((a, b) => a.offset - b.offset)) {
      if (info.offset < end) throw damaged(`tensor ${info.name} overlaps another one`);
      if (info.offset > end) throw damaged(`a gap of ${info.offset - end} bytes before tensor ${info.name}`);
      end = info.offset + info.byteLength;
    }
    if (end !== size) throw damaged(`the tensors end at byte ${end}, the file at ${size}`);
    return { tensors, metadata: header.metadata };
  } finally {
    await handle.close();
  }
}

/**
 * Opens the weights of a model: `model.safetensors`, or the shards that `model.safetensors.index.json` names.
 *
 * @param files repository file name → path
 */
export async function openCheckpoint(files: ReadonlyMap<string, string>): Promise<Checkpoint> {
  const single = files.get('model.safetensors');
  if (single !== undefined) return openSafetensors(single);
  const index = files.get('model.safetensors.index.json');
  if (index === undefined) {
    throw new PolarError(
      'the model has neither model.safetensors nor model.safetensors.index.json; choose an export with safetensors weights',
    );
  }
  const tensors = new Map<string, TensorInfo>();
  for (const shard of await shardNames(index)) {
    const path = files.get(shard);
    if (path === undefined) {
      throw new PolarError(`${index}: names ${shard}, which is missing; download the model again`);
    }
    for (const [name, info] of (await openSafetensors(path)).tensors) tensors.set(name, info);
  }
  return { tensors, metadata: {} };
}

/** The shard files that an index names, each once. */
export async function shardNames(index: string): Promise<string[]> {
  let map: unknown;
  try {
    map = (JSON.parse(await readFile(index, 'utf8')) as { weight_map?: unknown }).weight_map;
  } catch {
    map = undefined;
  }
  const names = typeof map === 'object' && map !== null ? [...new Set(Object.values(map))] : [];
  const sound = names.filter(
    (name): name is string => typeof name === 'string' && name === basename(name) && !name.startsWith('.'),
  );
  if (sound.length === 0 || sound.length !== names.length) {
    throw new PolarError(
      `${index}: expected a weight_map from tensors to files beside it; download the model again`,
    );
  }
  return sound;
}

/** The tensor called `name`, whose shape must be `shape`. */
export function requireTensor(checkpoint: Checkpoint, name: string, shape: readonly number[]): TensorInfo {
  const info = checkpoint.tensors.get(name);
  const [any] = checkpoint.tensors.values();
  if (info === undefined) {
    throw new PolarError(
      `${any?.file ?? 'weights'}: tensor ${name} is missing; the file does not fit the model's config.json, download the model again`,
    );
  }
  if (info.shape.length !== shape.length || info.shape.some((size, axis) => size !== shape[axis])) {
    throw new PolarError(
      `${info.file}: tensor ${name} has shape [${info.shape}], expected [${shape}]; the file does not fit the model's config.json, download the model again`,
    );
  }
  return info;
}

/** The values of a tensor as float32; F64, F32, F16 and BF16 can be read. */
export async function readTensor(info: TensorInfo): Promise<Float32Array> {
  const convert = DECODERS[info.dtype];
  if (convert === undefined) {
    throw new PolarError(
      `${info.file}: tensor ${info.name} has type ${info.dtype}, expected ${Object.keys(DECODERS).join(', ')}`,
    );
  }
  const handle = await openForReading(info.file);
  try {
    return convert(await readRange(handle, info.offset, info.byteLength));
  } finally {
    await handle.close();
  }
}

/** A tensor to be written; float32, row-major. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Writes float32 tensors to a safetensors file; written beside, then renamed. */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = JSON.stringify(header);
  // Padded with spaces so that the data starts at a multiple of 8, as the format recommends.
  const padded = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const blocks = Object.values(tensors).map(({ data }) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  );
  await writeBeside(path, Buffer.concat([length, padded, ...blocks]));
}

/** Values of half-precision floats, given as their 16 bits. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Float32Array>> = {
  F64: (bytes) => decodeEach(bytes, 8, (at) => bytes.readDoubleLE(at)),
  F32: (bytes) => decodeEach(bytes, 4, (at) => bytes.readFloatLE(at)),
  F16: (bytes) => decodeEach(bytes, 2, (at) => halfToFloat(bytes.readUInt16LE(at))),
  BF16: (bytes) => {
    // bfloat16 is the upper half of a float32
    const upper = decodeEach(bytes, 2, (at) => bytes.readUInt16LE(at));
    return new Float32Array(Uint32Array.from(upper, (bits) => bits << 16).buffer);
  },
};

function decodeEach(bytes: Buffer, size: number, at: (offset: number) => number): Float32Array {
  return Float32Array.from({ length: bytes.length / size }, (_, index) => at(index * size));
}

interface Header {
  readonly tensors: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string>>;
}

function parseHeader(text: string, damaged: (what: string) => PolarError): Header {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw damaged('the header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw damaged('the header is not a JSON object');
  }
  const { __metadata__: metadata = {}, ...tensors } = header as Record<string, unknown>;
  if (
    typeof metadata !== 'object' ||
    metadata === null ||
    !Object.values(metadata).every((value) => typeof value === 'string')
  ) {
    throw damaged('__metadata__ is not a map of strings');
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function readInfo(
  name: string,
  value: unknown,
  { file, dataStart, size }: { file: string; dataStart: number; size: number },
  damaged: (what: string) => PolarError,
): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const bytes = ELEMENT_BYTES.get(dtype);
  if (bytes === undefined) throw damaged(`tensor ${name} has the unknown type ${JSON.stringify(dtype)}`);
  if (!isCounts(shape)) throw damaged(`tensor ${name} has the shape ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw damaged(`tensor ${name} has the offsets ${JSON.stringify(offsets)}`);
  }
  const [start, end] = offsets as [number, number];
  if (start > end || dataStart + end > size) {
    throw damaged(`tensor ${name} lies at bytes ${start} to ${end} of ${size - dataStart}`);
  }
  const expected = shape.reduce((product, count) => product * count, bytes);
  if (expected !== end - start) {
    throw damaged(`tensor ${name} has ${end - start} bytes, its shape [${shape}] needs ${expected}`);
  }
  return { name, dtype: dtype as string, shape, file, offset: dataStart + start, byteLength: end - start };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw new PolarError(
      `${path}: cannot be opened (${(error as NodeJS.ErrnoException).code}); check the path and its permissions`,
    );
  }
}

async function readRange(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) throw new PolarError('the file ended while it was being read; try again');
    read += bytesRead;
  }
  return buffer;
}
