import { type FileHandle, open, realpath } from 'node:fs/promises';
import { SHARD_INDEX, SINGLE_WEIGHTS, WEIGHT_FILES } from '../clip/hub/files.ts';
import {
  type Checkpoint,
  decodeTensor,
  encodeSafetensors,
  PREFIX_BYTES,
  readHeader,
  readHeaderLength,
  readShardNames,
  type TensorData,
  type TensorInfo,
} from '../clip/weights/safetensors.ts';
import { PolarError } from '../errors.ts';
import { readJsonFile, writeBeside } from './files.ts';

/**
 * Reads the header of a safetensors file and checks every number in it against the file: nothing of the
 * weights is read.
 *
 * @throws PolarError when the file is damaged or hostile
 */
export async function openSafetensors(path: string): Promise<Checkpoint> {
  const handle = await openForReading(path);
  try {
    const { size } = await handle.stat();
    const source = { path, file: await realpath(path), size };
    const prefix = await readRange(handle, 0, Math.min(size, PREFIX_BYTES));
    const length = readHeaderLength(prefix, source);
    return readHeader(await readRange(handle, PREFIX_BYTES, length), source);
  } finally {
    await handle.close();
  }
}

/**
 * Opens the weights of a model: one file, or the shards that another one names.
 *
 * @param files repository file name → path
 */
export async function openCheckpoint(files: ReadonlyMap<string, string>): Promise<Checkpoint> {
  const name = WEIGHT_FILES.find((file) => files.has(file));
  if (name === undefined) {
    throw new PolarError(
      `the model has neither ${SINGLE_WEIGHTS} nor ${SHARD_INDEX}; choose an export with safetensors weights`,
      'not-found',
    );
  }
  const index = files.get(name)!;
  if (name !== SHARD_INDEX) return openSafetensors(index);
  const tensors = new Map<string, TensorInfo>();
  for (const shard of await shardNames(index)) {
    const path = files.get(shard);
    if (path === undefined) {
      throw new PolarError(
        `${index}: names ${shard}, which is missing; download the model again`,
        'not-found',
      );
    }
    for (const [name, info] of (await openSafetensors(path)).tensors) tensors.set(name, info);
  }
  return { tensors, metadata: {} };
}

/** The shard files that an index names, each once. */
export async function shardNames(index: string): Promise<string[]> {
  return readShardNames(await readJsonFile(index), index);
}

/** The values of a tensor as float32; F64, F32, F16 and BF16 can be read. */
export async function readTensor(info: TensorInfo): Promise<Float32Array> {
  const handle = await openForReading(info.file);
  try {
    return decodeTensor(info, await readRange(handle, info.offset, info.byteLength));
  } finally {
    await handle.close();
  }
}

/** Writes float32 tensors to a safetensors file; written beside, then renamed. */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeBeside(path, encodeSafetensors(tensors, metadata));
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw new PolarError(
      `${path}: cannot be opened (${(error as NodeJS.ErrnoException).code}); check the path and its permissions`,
      'unreadable',
    );
  }
}

async function readRange(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(buffer, read, length - read, position + read);
    if (bytesRead === 0)
      throw new PolarError('the file ended while it was being read; try again', 'unreadable');
    read += bytesRead;
  }
  return buffer;
}
