import { PolarError, quote } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { isWeightFileName } from '../hub/checks.ts';

/** Bytes of one element of each type that the safetensors format knows. */
const ELEMENT_BYTES: ReadonlyMap<unknown, number> = new Map([
  ...['BOOL', 'U8', 'I8', 'F8_E4M3', 'F8_E5M2'].map((type) => [type, 1] as const),
  ...['I16', 'U16', 'F16', 'BF16'].map((type) => [type, 2] as const),
  ...['I32', 'U32', 'F32'].map((type) => [type, 4] as const),
  ...['I64', 'U64', 'F64'].map((type) => [type, 8] as const),
]);

// The limit of the format's reference implementation; a larger header is an attack or not a safetensors file.
const MAX_HEADER_BYTES = 100_000_000;

// The largest checkpoints on the hub have a few hundred.
const MAX_SHARDS = 1000;

/** Bytes before the header: its length, a little-endian 64-bit number. */
export const PREFIX_BYTES = 8;

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

/** A tensor to be written; float32, row-major. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A file whose header is to be read. */
interface HeaderSource {
  /** What messages call it. */
  readonly path: string;
  /** What the tensors say they lie in; `path` when absent. */
  readonly file?: string;
  /** Bytes of the whole file. */
  readonly size: number;
}

/**
 * Length of the header, from the first `PREFIX_BYTES` bytes of a file.
 *
 * @throws PolarError when the file cannot hold it
 */
export function readHeaderLength(prefix: Uint8Array, { path, size }: HeaderSource): number {
  if (size < PREFIX_BYTES) throw damaged(path, `${size} bytes, expected at least ${PREFIX_BYTES}`);
  const length = Number(viewOf(prefix).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || length > size - PREFIX_BYTES) {
    throw damaged(path, `a header of ${length} bytes in a file of ${size}`);
  }
  return length;
}

/**
 * Reads a header and checks every number in it against the size of the file.
 *
 * @throws PolarError when the file is damaged or hostile
 */
export function readHeader(bytes: Uint8Array, { path, file = path, size }: HeaderSource): Checkpoint {
  const refuse = (what: string): PolarError => damaged(path, what);
  const header = parseHeader(new TextDecoder().decode(bytes), refuse);
  const dataStart = PREFIX_BYTES + bytes.length;
  const tensors = new Map<string, TensorInfo>();
  for (const [name, value] of Object.entries(header.tensors)) {
    tensors.set(name, readInfo(name, value, { file, dataStart, size }, refuse));
  }
  let end = dataStart;
  for (const info of [...tensors.values()].sort((a, b) => a.offset - b.offset)) {
    if (info.offset < end) throw refuse(`tensor ${info.name} overlaps another one`);
    if (info.offset > end) throw refuse(`a gap of ${info.offset - end} bytes before tensor ${info.name}`);
    end = info.offset + info.byteLength;
  }
  if (end !== size) throw refuse(`the tensors end at byte ${end}, the file at ${size}`);
  return { tensors, metadata: header.metadata };
}

/** The tensors of a whole file that is in memory. */
export function parseSafetensors(bytes: Uint8Array, path: string): Checkpoint {
  const source = { path, size: bytes.length };
  const length = readHeaderLength(bytes, source);
  return readHeader(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length), source);
}

/**
 * The shard files that a parsed `model.safetensors.index.json` names, each once.
 *
 * @throws PolarError when it names anything but files beside it
 */
export function readShardNames(json: unknown, path: string): string[] {
  const map = (json as { weight_map?: unknown } | null | undefined)?.weight_map;
  const names = typeof map === 'object' && map !== null ? [...new Set(Object.values(map))] : [];
  const sound = names.filter(isWeightFileName);
  if (sound.length === 0 || sound.length !== names.length || sound.length > MAX_SHARDS) {
    throw new PolarError(
      `${path}: expected a weight_map from tensors to .safetensors files beside it; download the model again`,
      'unreadable',
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
      `${any?.file ?? 'weights'}: tensor ${name} is missing; the file does not fit the model's config, download the model again`,
      'unreadable',
    );
  }
  if (info.shape.length !== shape.length || info.shape.some((size, axis) => size !== shape[axis])) {
    throw new PolarError(
      `${info.file}: tensor ${name} has shape [${info.shape}], expected [${shape}]; the file does not fit the model's config, download the model again`,
      'unreadable',
    );
  }
  return info;
}

/**
 * The values of a tensor as float32; F64, F32, F16 and BF16 can be read.
 *
 * @param bytes the tensor's own bytes
 */
export function decodeTensor(info: TensorInfo, bytes: Uint8Array): Float32Array {
  const convert = DECODERS[info.dtype];
  if (convert === undefined) {
    throw new PolarError(
      `${info.file}: tensor ${info.name} has type ${info.dtype}, expected ${Object.keys(DECODERS).join(', ')}`,
      'unreadable',
    );
  }
  return convert(viewOf(bytes));
}

/** A safetensors file of float32 tensors. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces so that the data starts at a multiple of 8, as the format recommends.
  const length = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(PREFIX_BYTES + length + end);
  viewOf(file).setBigUint64(0, BigInt(length), true);
  file.fill(SPACE, PREFIX_BYTES, PREFIX_BYTES + length);
  file.set(json, PREFIX_BYTES);
  let at = PREFIX_BYTES + length;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

const SPACE = 0x20;

/** Values of half-precision floats, given as their 16 bits. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const DECODERS: Readonly<Record<string, (bytes: DataView) => Float32Array>> = {
  F64: (bytes) => decodeEach(bytes, 8, (at) => bytes.getFloat64(at, true)),
  F32: (bytes) => decodeEach(bytes, 4, (at) => bytes.getFloat32(at, true)),
  F16: (bytes) => decodeEach(bytes, 2, (at) => halfToFloat(bytes.getUint16(at, true))),
  BF16: (bytes) => {
    // bfloat16 is the upper half of a float32
    const upper = decodeEach(bytes, 2, (at) => bytes.getUint16(at, true));
    return new Float32Array(Uint32Array.from(upper, (bits) => bits << 16).buffer);
  },
};

function decodeEach(bytes: DataView, size: number, at: (offset: number) => number): Float32Array {
  return Float32Array.from({ length: bytes.byteLength / size }, (_, index) => at(index * size));
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
  if (bytes === undefined) throw damaged(`tensor ${name} has the unknown type ${quote(dtype)}`);
  if (!isCounts(shape)) throw damaged(`tensor ${name} has the shape ${quote(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw damaged(`tensor ${name} has the offsets ${quote(offsets)}`);
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

const damaged = (path: string, why: string): PolarError =>
  new PolarError(`${path}: ${tell('file.safetensors', { why })}`, 'unreadable');

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
