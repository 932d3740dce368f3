import { FORWARDS } from '../../clip/index.ts';
import {
  type Checkpoint,
  decodeTensor,
  encodeSafetensors,
  parseSafetensors,
  type TensorInfo,
} from '../../clip/weights/safetensors.ts';
import { PolarError } from '../../errors.ts';
import type { Matrix } from '../../matrix.ts';
import { DEFAULT_TRAINING } from '../training-defaults.ts';
import { type Concept, IDENTIFIER } from './concept.ts';

/** Files of a concept: a PEFT adapter's two, and the features of its photos. */
export const ADAPTER_CONFIG = 'adapter_config.json';
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';
// Beside the adapter, which peft reads, since peft refuses tensors that it does not know.
export const FEATURES = 'features.safetensors';

const TENSOR =
  /^base_model\.model\.text_model\.encoder\.layers\.(\d+)\.self_attn\.v_proj\.lora_(A|B)\.weight$/;

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
  const config = readConfig(files.get(ADAPTER_CONFIG), pathOf(ADAPTER_CONFIG));
  const file = pathOf(ADAPTER_WEIGHTS);
  const bytes = files.get(ADAPTER_WEIGHTS);
  if (bytes === undefined)
    throw new PolarError(`${file}: missing; expected a PEFT adapter folder`, 'not-found');
  const checkpoint = parseSafetensors(bytes, file);
  const { a, b, layer } = findTensors(checkpoint, file);
  const A = tensorOf(bytes, a);
  const B = tensorOf(bytes, b);
  if (![...A, ...B].every(Number.isFinite)) {
    throw new PolarError(`${file}: holds numbers that are not finite; learn the concept again`, 'unreadable');
  }
  const norm = Math.sqrt(A.reduce((sum, x) => sum + x * x, 0));
  if (norm === 0)
    throw new PolarError(
      `${file}: A is all zeros, expected a direction; learn the concept again`,
      'unreadable',
    );
  // B A stays the same when A is brought to unit norm and peft's scale alpha / r goes into B.
  const scale = norm * config.scale;
  const isUnit = Math.abs(norm - 1) < 1e-5;
  return {
    ...fromMetadata(checkpoint.metadata, folderName, config),
    ...readFeatures(files.get(FEATURES), pathOf(FEATURES)),
    layer,
    A: isUnit ? A : A.map((x) => x / norm),
    B: isUnit && config.scale === 1 ? B : B.map((x) => x * scale),
  };
}

const tensorOf = (bytes: Uint8Array, info: TensorInfo): Float32Array =>
  decodeTensor(info, bytes.subarray(info.offset, info.offset + info.byteLength));

/** The training photos' features, and those of photos that are not the thing, where they are kept. */
function readFeatures(bytes: Uint8Array | undefined, file: string): Pick<Concept, 'features' | 'lookAlikes'> {
  if (bytes === undefined) return { features: null };
  const { tensors } = parseSafetensors(bytes, file);
  const features = readMatrix(bytes, 'features', tensors.get('features'), file);
  const others = tensors.get('lookAlikes');
  if (others === undefined) return { features };
  return { features, lookAlikes: readMatrix(bytes, 'lookAlikes', others, file) };
}

function readMatrix(bytes: Uint8Array, name: string, info: TensorInfo | undefined, file: string): Matrix {
  const [rows, columns] = info?.shape ?? [];
  if (info === undefined || info.shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new PolarError(
      `${file}: expected a tensor "${name}" [n, P]; learn the concept again`,
      'unreadable',
    );
  }
  const data = tensorOf(bytes, info);
  if (!data.every(Number.isFinite)) {
    throw new PolarError(`${file}: holds numbers that are not finite; learn the concept again`, 'unreadable');
  }
  return { rows, columns, data };
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
    layers_to_transform: [concept.layer],
    lora_alpha: 1,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: 'LORA',
    r: 1,
    // peft also wraps the image tower's layer of that number, without weights for it, which changes nothing.
    target_modules: ['v_proj'],
    task_type: null,
  };
}

interface AdapterConfig {
  readonly scale: number;
  readonly modelId: string;
  readonly revision: string;
}

function readConfig(bytes: Uint8Array | undefined, file: string): AdapterConfig {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    throw new PolarError(`${file}: missing or not JSON; expected a PEFT adapter folder`, 'unreadable');
  }
  if (json?.peft_type !== 'LORA' || json.r !== 1) {
    throw new PolarError(
      `${file}: peft_type ${JSON.stringify(json?.peft_type)} of rank ${JSON.stringify(json?.r)}, expected LORA of rank 1; a concept is a rank-one update`,
      'unreadable',
    );
  }
  const alpha = json.lora_alpha ?? 1;
  if (typeof alpha !== 'number' || !Number.isFinite(alpha)) {
    throw new PolarError(`${file}: lora_alpha is ${JSON.stringify(alpha)}, expected a number`, 'unreadable');
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return { scale: alpha, modelId: text(json.base_model_name_or_path), revision: text(json.revision) };
}

function findTensors(checkpoint: Checkpoint, file: string) {
  const found = new Map<string, { info: TensorInfo; layer: number }>();
  for (const [name, info] of checkpoint.tensors) {
    const match = TENSOR.exec(name);
    if (match === null || found.has(match[2]!)) {
      throw new PolarError(
        `${file}: tensor ${name}, expected one lora_A and one lora_B of a text layer's v_proj`,
        'unreadable',
      );
    }
    found.set(match[2]!, { info, layer: Number(match[1]) });
  }
  const a = found.get('A');
  const b = found.get('B');
  if (a === undefined || b === undefined || a.layer !== b.layer) {
    throw new PolarError(
      `${file}: expected lora_A and lora_B of one layer's v_proj; learn the concept again`,
      'unreadable',
    );
  }
  const [rank, width] = a.info.shape;
  const fits = a.info.shape.length === 2 && b.info.shape.length === 2 && rank === 1 && width! > 0;
  if (!fits || b.info.shape[0] !== width || b.info.shape[1] !== 1) {
    throw new PolarError(
      `${file}: A is [${a.info.shape}] and B [${b.info.shape}], expected [1, D] and [D, 1]; a concept is a rank-one update`,
      'unreadable',
    );
  }
  return { a: a.info, b: b.info, layer: a.layer };
}

function toMetadata(concept: Concept): Record<string, string> {
  const { A: _a, B: _b, features: _features, lookAlikes: _others, layer: _layer, ...rest } = concept;
  return { format: 'pt', polar: JSON.stringify(rest) };
}

type Described = Omit<Concept, 'A' | 'B' | 'features' | 'lookAlikes' | 'layer'>;

function fromMetadata(
  metadata: Readonly<Record<string, string>>,
  folderName: string,
  config: AdapterConfig,
): Described {
  let found: Partial<Described> = {};
  try {
    found = JSON.parse(metadata.polar ?? '{}') as Partial<Described>;
  } catch {
    // An adapter by another program: what is not said takes the defaults below.
  }
  const text = (value: unknown, fallback: string) => (typeof value === 'string' ? value : fallback);
  const number = (value: unknown, fallback: number) =>
    Number.isFinite(value) ? (value as number) : fallback;
  return {
    name: text(found.name, folderName),
    identifier: text(found.identifier, IDENTIFIER),
    className: typeof found.className === 'string' ? found.className : null,
    modelId: text(found.modelId, config.modelId),
    revision: text(found.revision, config.revision),
    regWeight: number(found.regWeight, DEFAULT_TRAINING.regWeight),
    iterations: number(found.iterations, 0),
    learningRate: number(found.learningRate, DEFAULT_TRAINING.learningRate),
    forward: FORWARDS.find((forward) => forward === found.forward) ?? DEFAULT_TRAINING.forward,
    seed: number(found.seed, 0),
    photoHashes: Array.isArray(found.photoHashes) ? found.photoHashes.map(String) : [],
    created: text(found.created, ''),
  };
}
