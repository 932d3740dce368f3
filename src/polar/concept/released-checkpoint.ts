import { unzipSync, zipSync } from 'fflate';
import type { FamilyName } from '../../clip/index.ts';
import { halfToFloat } from '../../clip/weights/safetensors.ts';
import { PolarError } from '../../errors.ts';
import { Global, PickleWriter, Reduced, readPickle, Stored } from './pickle.ts';

/** What the released code saves as `concept{i}.pt`. */
export interface ReleasedCheckpoint {
  readonly identifier: string;
  /** R; 1 in all checkpoints of the released code. */
  readonly rank: number;
  /** `[R D]`, rows of unit norm. */
  readonly A: Float32Array;
  /** `[R D]`; row r is column r of the method's B. */
  readonly B: Float32Array;
}

/**
 * Refuses a checkpoint of the released code for a model that the released code cannot run.
 *
 * @param model the model's name, for messages
 * @throws PolarError unless it is a CLIP
 */
export function requireReleasedFamily(family: FamilyName, model: string): void {
  if (family === 'clip') return;
  throw new PolarError(
    `${model}: of the family ${family}, but checkpoints of the released code (.pt) are of OpenAI's CLIP models, which alone it runs; use a PEFT adapter folder, or learn the concept again from its photos`,
    'wrong-model',
  );
}

// A concept of the widest CLIP is below 100 kB; anything near this is not one.
const MAX_BYTES = 64 << 20;
// Its pickle, of three names and two shapes, is below 1 kB; every byte of it may become an object.
const MAX_PICKLE_BYTES = 1 << 20;
const MAX_AXES = 8;

const STORAGES: Readonly<Record<string, { size: number; read: (view: DataView, at: number) => number }>> = {
  FloatStorage: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  DoubleStorage: { size: 8, read: (view, at) => view.getFloat64(at, true) },
  HalfStorage: { size: 2, read: (view, at) => halfToFloat(view.getUint16(at, true)) },
  BFloat16Storage: {
    size: 2,
    read: (view, at) => new Float32Array(Uint32Array.of(view.getUint16(at, true) << 16).buffer)[0]!,
  },
};

const ALLOWED = [
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  'collections.OrderedDict',
  ...Object.keys(STORAGES).map((storage) => `torch.${storage}`),
];

/**
 * Decodes a checkpoint of the released code without executing anything: the pickle inside may name only the few
 * functions that rebuild a tensor, and those are done here.
 *
 * @param file named in errors
 * @throws PolarError when the bytes are something else, damaged, or name anything further
 */
export function decodeReleasedCheckpoint(bytes: Uint8Array, file: string): ReleasedCheckpoint {
  const refuse = (what: string): PolarError =>
    new PolarError(`${file}: not a concept checkpoint of the released code (${what})`, 'unreadable');
  const records = unzip(bytes, refuse);
  const pickle = records.get('data.pkl') ?? missing('data.pkl', refuse);
  if (pickle.length > MAX_PICKLE_BYTES) throw refuse(`a pickle of ${pickle.length} bytes`);
  const root = readPickle(pickle, ALLOWED, refuse);
  if (!(root instanceof Map)) throw refuse('expected a dictionary');
  const identifier = root.get('concept_identifier');
  if (typeof identifier !== 'string') throw refuse('concept_identifier is missing');
  const matrix = (key: string): { data: Float32Array; size: readonly [number, number] } => {
    const { data, size } = rebuild(root.get(key), key, records, refuse);
    const [rows, columns] = size;
    if (rows === undefined || columns === undefined || size.length > 2) {
      throw refuse(`${key} has shape [${size}]`);
    }
    if (!data.every(Number.isFinite)) throw refuse(`${key} holds numbers that are not finite`);
    return { data, size: [rows, columns] };
  };
  const a = matrix('v_lora_A');
  const b = matrix('v_lora_B');
  const [rank, width] = a.size;
  if (b.size[0] !== width || b.size[1] !== rank) {
    throw refuse(`v_lora_A has shape [${a.size}], v_lora_B [${b.size}]`);
  }
  return { identifier, rank, A: a.data, B: transpose(b.data, width, rank) };
}

/** Columns as rows: `[rows, columns]` to `[columns, rows]`. */
function transpose(data: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** A checkpoint as bytes that the released code and `torch.load(..., weights_only=True)` read. */
export function encodeReleasedCheckpoint(
  concept: Omit<ReleasedCheckpoint, 'rank'> & { readonly rank?: number },
): Uint8Array {
  const { A, B, identifier, rank = 1 } = concept;
  const width = A.length / rank;
  const pickle = new PickleWriter();
  pickle.dictionary([
    ['v_lora_A', () => writeTensor(pickle, '0', [rank, width])],
    ['v_lora_B', () => writeTensor(pickle, '1', [width, rank])],
    ['concept_identifier', () => pickle.string(identifier)],
  ]);
  const raw = (data: Float32Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const text = (value: string) => new TextEncoder().encode(value);
  return zipSync(
    {
      'concept/data.pkl': pickle.finish(),
      'concept/byteorder': text('little'),
      'concept/data/0': raw(A),
      'concept/data/1': raw(transpose(B, rank, width)),
      'concept/version': text('3\n'),
    },
    { level: 0, mtime: new Date('1980-01-02T00:00:00Z') },
  );
}

function writeTensor(pickle: PickleWriter, key: string, size: readonly [number, number]): void {
  pickle.call('torch._utils', '_rebuild_tensor_v2', () => {
    pickle.storage('FloatStorage', key, size[0] * size[1]);
    pickle.integer(0);
    pickle.integers(size);
    pickle.integers([size[1], 1]);
    pickle.false();
    pickle.call('collections', 'OrderedDict', () => {});
  });
}

type Refuse = (what: string) => PolarError;

function unzip(bytes: Uint8Array, refuse: Refuse): Map<string, Uint8Array> {
  let total = 0;
  let archive: Record<string, Uint8Array>;
  try {
    archive = unzipSync(bytes, {
      filter: ({ originalSize, size }) => {
        total += Math.max(originalSize, size);
        if (total > MAX_BYTES) throw refuse(`it unpacks to more than ${MAX_BYTES} bytes`);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof PolarError) throw error;
    throw refuse('no sound zip archive; checkpoints from before PyTorch 1.6 must be saved again');
  }
  // Everything lies in one folder whose name does not matter.
  return new Map(Object.entries(archive).map(([name, data]) => [name.slice(name.indexOf('/') + 1), data]));
}

function rebuild(
  value: unknown,
  key: string,
  records: ReadonlyMap<string, Uint8Array>,
  refuse: Refuse,
): { data: Float32Array; size: readonly number[] } {
  if (value instanceof Reduced && value.callee.name === 'torch._utils._rebuild_parameter') {
    const [tensor] = value.args;
    // A parameter of a parameter of ... would be gone through without an end.
    const isNested = tensor instanceof Reduced && tensor.callee.name === value.callee.name;
    if (!isNested) return rebuild(tensor, key, records, refuse);
  }
  if (!(value instanceof Reduced) || value.callee.name !== 'torch._utils._rebuild_tensor_v2') {
    throw refuse(`${key} is not a tensor`);
  }
  const [storage, offset, size, stride] = value.args;
  if (!(storage instanceof Stored) || !isCounts([offset]) || !isCounts(size) || !isCounts(stride)) {
    throw refuse(`${key} is not a plain tensor`);
  }
  const [kind, type, record] = storage.id;
  const format = type instanceof Global ? STORAGES[type.name.replace('torch.', '')] : undefined;
  const bytes = typeof record === 'string' ? records.get(`data/${record}`) : undefined;
  if (
    kind !== 'storage' ||
    format === undefined ||
    bytes === undefined ||
    size.length !== stride.length ||
    size.length > MAX_AXES
  ) {
    throw refuse(`the data of ${key} is missing`);
  }
  const count = size.reduce((product, length) => product * length, 1);
  const last = size.reduce((sum, length, axis) => sum + (length - 1) * stride[axis]!, offset as number);
  if (count === 0 || count * 4 > MAX_BYTES || (last + 1) * format.size > bytes.length) {
    throw refuse(`${key} needs element ${last}, its data has ${bytes.length / format.size}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = Float32Array.from({ length: count }, (_, index) => {
    let rest = index;
    let at = offset as number;
    for (let axis = size.length - 1; axis >= 0; axis--) {
      at += (rest % size[axis]!) * stride[axis]!;
      rest = Math.floor(rest / size[axis]!);
    }
    return format.read(view, at * format.size);
  });
  return { data, size };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function missing(record: string, refuse: Refuse): never {
  throw refuse(`the record ${record} is missing`);
}
