import {
  type Checkpoint,
  decodeTensor,
  encodeSafetensors,
  parseSafetensors,
  type TensorInfo,
} from '../../clip/weights/safetensors.ts';
import { PolarError } from '../../errors.ts';
import { type Matrix, rowOf } from '../../matrix.ts';
import { tell } from '../../messages.ts';
import { damaged, foreign, parseObject, readAdapterConfig } from './adapter-config.ts';
import type { Concept } from './concept.ts';
import { MAX_PHOTOS, readMetadata } from './metadata.ts';

/** Files of a concept: a PEFT adapter's two, and the features of its photos. */
export const ADAPTER_CONFIG = 'adapter_config.json';
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';
// Beside the adapter, which peft reads, since peft refuses tensors that it does not know.
export const FEATURES = 'features.safetensors';

// peft's files leave out the adapter's name (`default`), its models' own state doesn't; others leave out the prefix.
const TENSOR =
  /^(?:base_model\.)?(?:model\.)?text_model\.encoder\.layers\.(\d{1,3})\.self_attn\.v_proj\.lora_(A|B)(?:\.[\w-]{1,64})?\.weight$/;

// A learnt update has a norm of about one; far beyond that the layer norms' squares overflow float32.
const MAX_NORM_OF_B = 1e6;
// What a unit row in float32, or one that was float16 before, is off by at most.
const UNIT_TOLERANCE = 0.01;

const tensorName = (layer: number, part: 'A' | 'B') =>
  `base_model.model.text_model.encoder.layers.${layer}.self_attn.v_proj.lora_${part}.weight`;

/** A concept as the files of a PEFT adapter directory, which Python's `peft` loads too: name → content. */
export function encodeConcept(concept: Concept): Map<string, Uint8Array> {
  const width = concept.A.length;
  const files = new Map<string, Uint8Array>();
  const config = `${JSON.stringify(adapterConfig(concept), null, 2)}\n`;
  files.set(ADAPTER_CONFIG, new TextEncoder().encode(config));
  const update = {
    [tensorName(concept.layer, 'A')]: { shape: [1, width], data: concept.A },
    [tensorName(concept.layer, 'B')]: { shape: [width, 1], data: concept.B },
  };
  files.set(ADAPTER_WEIGHTS, encodeSafetensors(update, toMetadata(concept)));
  if (concept.features !== null) {
    const { features, lookAlikes } = concept;
    const tensor = ({ rows, columns, data }: Matrix) => ({ shape: [rows, columns], data });
    files.set(
      FEATURES,
      encodeSafetensors({
        features: tensor(features),
        ...(lookAlikes === undefined ? {} : { lookAlikes: tensor(lookAlikes) }),
      }),
    );
  }
  return files;
}

/** Where a concept's files come from. */
export interface ConceptFiles {
  /** Name of the folder; the concept's where the adapter does not say. */
  readonly folderName: string;
  /** What messages call a file. */
  readonly pathOf: (name: string) => string;
  /** Name → content, of the files that are there. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a concept from the files of a PEFT adapter: one of this program's, or any rank-one adapter of the last
 * value projection that `peft` wrote (its scale is folded into B; its name is the folder's).
 *
 * @throws PolarError when it is not such an adapter, or damaged
 */
export function decodeConcept({ folderName, pathOf, files }: ConceptFiles): Concept {
  const settings = parseObject(files.get(ADAPTER_CONFIG));
  if (settings === undefined) {
    const file = pathOf(ADAPTER_CONFIG);
    if (files.has(ADAPTER_CONFIG)) throw damaged(file, 'not JSON');
    throw new PolarError(`${file}: ${tell('concept.no-adapter')}`, 'not-found');
  }
  const file = pathOf(ADAPTER_WEIGHTS);
  const bytes = files.get(ADAPTER_WEIGHTS);
  if (bytes === undefined) throw new PolarError(`${file}: ${tell('concept.no-adapter')}`, 'not-found');
  const checkpoint = parseSafetensors(bytes, file);
  const { a, b, layer } = findTensors(checkpoint, file);
  const config = readAdapterConfig(settings, pathOf(ADAPTER_CONFIG), layer);
  const A = tensorOf(bytes, a);
  const B = tensorOf(bytes, b);
  if (![A, B].every((part) => part.every(Number.isFinite))) {
    throw damaged(file, 'holds numbers that are not finite');
  }
  const norm = normOf(A);
  if (norm === 0) throw damaged(file, 'A is all zeros, expected a direction');
  // B A stays the same when A is brought to unit norm and peft's scale alpha / r goes into B.
  const scale = norm * config.scale;
  const normOfB = normOf(B) * Math.abs(scale);
  if (!(normOfB <= MAX_NORM_OF_B)) {
    throw damaged(file, `an update of norm ${normOfB.toPrecision(3)}, expected at most ${MAX_NORM_OF_B}`);
  }
  const isUnit = Math.abs(norm - 1) < 1e-5;
  const { modelId, revision } = config;
  const metadata = readMetadata(checkpoint.metadata, file, { name: folderName, modelId, revision });
  return {
    ...metadata,
    ...readFeatures(files.get(FEATURES), pathOf(FEATURES), metadata.photoHashes.length),
    layer,
    A: isUnit ? A : A.map((x) => x / norm),
    B: isUnit && config.scale === 1 ? B : B.map((x) => x * scale),
  };
}

const normOf = (row: Float32Array): number => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));

const tensorOf = (bytes: Uint8Array, info: TensorInfo): Float32Array =>
  decodeTensor(info, bytes.subarray(info.offset, info.offset + info.byteLength));

/** The training photos' features, and those of photos that are not the thing, where they are kept. */
function readFeatures(
  bytes: Uint8Array | undefined,
  file: string,
  photos: number,
): Pick<Concept, 'features' | 'lookAlikes'> {
  if (bytes === undefined) return { features: null };
  const { tensors } = parseSafetensors(bytes, file);
  const features = readMatrix(bytes, 'features', tensors.get('features'), file);
  if (photos > features.rows) {
    throw damaged(file, `features of ${features.rows} photos, expected those of all ${photos}`);
  }
  const others = tensors.get('lookAlikes');
  if (others === undefined) return { features };
  const lookAlikes = readMatrix(bytes, 'lookAlikes', others, file);
  if (lookAlikes.columns !== features.columns) {
    throw damaged(
      file,
      `lookAlikes of ${lookAlikes.columns} numbers, expected ${features.columns} as the features have`,
    );
  }
  return { features, lookAlikes };
}

function readMatrix(bytes: Uint8Array, name: string, info: TensorInfo | undefined, file: string): Matrix {
  const [rows, columns] = info?.shape ?? [];
  if (info?.shape.length !== 2 || !(rows! > 0 && rows! <= MAX_PHOTOS) || !(columns! > 0)) {
    throw damaged(file, `expected a tensor "${name}" [n, P] of 1 to ${MAX_PHOTOS} photos`);
  }
  const matrix: Matrix = { rows: rows!, columns: columns!, data: tensorOf(bytes, info!) };
  for (let row = 0; row < matrix.rows; row++) {
    // Fails for numbers that are not finite too.
    if (Math.abs(normOf(rowOf(matrix, row)) - 1) < UNIT_TOLERANCE) continue;
    throw damaged(file, `row ${row} of "${name}" is not of unit norm`);
  }
  return matrix;
}

function adapterConfig(concept: Concept): object {
  return {
    base_model_name_or_path: concept.modelId,
    revision: concept.revision,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: 1,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: 'LORA',
    r: 1,
    // By its whole name: `v_proj` alone would wrap the image tower's layer of that number too.
    target_modules: [`text_model.encoder.layers.${concept.layer}.self_attn.v_proj`],
    task_type: null,
  };
}

function findTensors(checkpoint: Checkpoint, file: string) {
  const found = new Map<string, { info: TensorInfo; layer: number }>();
  for (const [name, info] of checkpoint.tensors) {
    const match = TENSOR.exec(name);
    if (match === null || found.has(match[2]!)) {
      const why = `tensor ${name}, expected one lora_A and one lora_B of a text layer's v_proj`;
      throw foreign(file, why);
    }
    found.set(match[2]!, { info, layer: Number(match[1]) });
  }
  const a = found.get('A');
  const b = found.get('B');
  if (a === undefined || b === undefined || a.layer !== b.layer) {
    throw damaged(file, `expected lora_A and lora_B of one layer's v_proj`);
  }
  const [rank, width] = a.info.shape;
  const fits = a.info.shape.length === 2 && b.info.shape.length === 2 && rank === 1 && width! > 0;
  if (!fits || b.info.shape[0] !== width || b.info.shape[1] !== 1) {
    const why = `A is [${a.info.shape}] and B [${b.info.shape}], expected [1, D] and [D, 1]`;
    throw foreign(file, why);
  }
  return { a: a.info, b: b.info, layer: a.layer };
}

function toMetadata(concept: Concept): Record<string, string> {
  const { A: _a, B: _b, features: _features, lookAlikes: _others, layer: _layer, ...rest } = concept;
  return { format: 'pt', polar: JSON.stringify(rest) };
}
