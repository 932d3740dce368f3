import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FORWARDS } from '../clip/index.ts';
import {
  type Checkpoint,
  openSafetensors,
  readTensor,
  type TensorInfo,
  writeSafetensors,
} from '../clip/safetensors.ts';
import { PolarError } from '../errors.ts';
import { makeFolder } from '../files.ts';
import type { Matrix } from '../matrix.ts';
import { type Concept, IDENTIFIER } from './concept.ts';
import { DEFAULT_TRAINING } from './personalize.ts';

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';
// Beside the adapter, which peft reads, since peft refuses tensors that it does not know.
const FEATURES = 'features.safetensors';
const TENSOR =
  /^base_model\.model\.text_model\.encoder\.layers\.(\d+)\.self_attn\.v_proj\.lora_(A|B)\.weight$/;

const tensorName = (layer: number, part: 'A' | 'B') =>
  `base_model.model.text_model.encoder.layers.${layer}.self_attn.v_proj.lora_${part}.weight`;

/**
 * Writes a concept as a PEFT adapter directory, which Python's `peft` loads too. An older concept in
 * `directory` stays until the new one is complete.
 */
export async function saveConcept(directory: string, concept: Concept): Promise<void> {
  const target = resolve(directory);
  const partial = join(dirname(target), `.${basename(target)}.${process.pid}.partial`);
  const width = concept.A.length;
  try {
    await makeFolder(partial);
    await writeFile(join(partial, CONFIG), `${JSON.stringify(adapterConfig(concept), null, 2)}\n`);
    await writeSafetensors(
      join(partial, WEIGHTS),
      {
        [tensorName(concept.layer, 'A')]: { shape: [1, width], data: concept.A },
        [tensorName(concept.layer, 'B')]: { shape: [width, 1], data: concept.B },
      },
      toMetadata(concept),
    );
    if (concept.features !== null) {
      const { rows, columns, data } = concept.features;
      await writeSafetensors(join(partial, FEATURES), { features: { shape: [rows, columns], data } });
    }
    await replaceDirectory(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** A directory cannot be renamed over one that holds files, so the older one steps aside first. */
async function replaceDirectory(from: string, to: string): Promise<void> {
  const old = `${from}.old`;
  const existed = await rename(to, old).then(
    () => true,
    () => false,
  );
  await rename(from, to);
  if (existed) await rm(old, { recursive: true, force: true });
}

/**
 * Reads a concept from a PEFT adapter directory: one of this program's, or any rank-one adapter of the last
 * value projection that `peft` wrote (its scale is folded into B; its name is the folder's).
 *
 * @throws PolarError when it is not such an adapter, or damaged
 */
export async function readConcept(directory: string): Promise<Concept> {
  const folder = await stat(directory).catch(() => undefined);
  if (!folder?.isDirectory()) throw new PolarError(`${directory}: no such concept folder; check the path`);
  const configFile = join(directory, CONFIG);
  const config = await readConfig(configFile);
  const file = join(directory, WEIGHTS);
  const checkpoint = await openSafetensors(file);
  const { a, b, layer } = findTensors(checkpoint, file);
  const A = await readTensor(a);
  const B = await readTensor(b);
  if (![...A, ...B].every(Number.isFinite)) {
    throw new PolarError(`${file}: holds numbers that are not finite; learn the concept again`);
  }
  const norm = Math.sqrt(A.reduce((sum, x) => sum + x * x, 0));
  if (norm === 0)
    throw new PolarError(`${file}: A is all zeros, expected a direction; learn the concept again`);
  // B A stays the same when A is brought to unit norm and peft's scale alpha / r goes into B.
  const scale = norm * config.scale;
  const isUnit = Math.abs(norm - 1) < 1e-5;
  return {
    ...fromMetadata(checkpoint.metadata, directory, config),
    features: await readFeatures(join(directory, FEATURES)),
    layer,
    A: isUnit ? A : A.map((x) => x / norm),
    B: isUnit && config.scale === 1 ? B : B.map((x) => x * scale),
  };
}

/** The training photos' features, where they are kept. */
async function readFeatures(file: string): Promise<Matrix | null> {
  if (!(await stat(file).catch(() => undefined))) return null;
  const info = (await openSafetensors(file)).tensors.get('features');
  const [rows, columns] = info?.shape ?? [];
  if (info === undefined || info.shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new PolarError(`${file}: expected a tensor "features" [n, P]; learn the concept again`);
  }
  const data = await readTensor(info);
  if (!data.every(Number.isFinite)) {
    throw new PolarError(`${file}: holds numbers that are not finite; learn the concept again`);
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

async function readConfig(file: string): Promise<AdapterConfig> {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  } catch {
    throw new PolarError(`${file}: missing or not JSON; expected a PEFT adapter folder`);
  }
  if (json?.peft_type !== 'LORA' || json.r !== 1) {
    throw new PolarError(
      `${file}: peft_type ${JSON.stringify(json?.peft_type)} of rank ${JSON.stringify(json?.r)}, expected LORA of rank 1; a concept is a rank-one update`,
    );
  }
  const alpha = json.lora_alpha ?? 1;
  if (typeof alpha !== 'number' || !Number.isFinite(alpha)) {
    throw new PolarError(`${file}: lora_alpha is ${JSON.stringify(alpha)}, expected a number`);
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
      );
    }
    found.set(match[2]!, { info, layer: Number(match[1]) });
  }
  const a = found.get('A');
  const b = found.get('B');
  if (a === undefined || b === undefined || a.layer !== b.layer) {
    throw new PolarError(
      `${file}: expected lora_A and lora_B of one layer's v_proj; learn the concept again`,
    );
  }
  const [rank, width] = a.info.shape;
  const fits = a.info.shape.length === 2 && b.info.shape.length === 2 && rank === 1 && width! > 0;
  if (!fits || b.info.shape[0] !== width || b.info.shape[1] !== 1) {
    throw new PolarError(
      `${file}: A is [${a.info.shape}] and B [${b.info.shape}], expected [1, D] and [D, 1]; a concept is a rank-one update`,
    );
  }
  return { a: a.info, b: b.info, layer: a.layer };
}

function toMetadata(concept: Concept): Record<string, string> {
  const { A: _a, B: _b, features: _features, layer: _layer, ...rest } = concept;
  return { format: 'pt', polar: JSON.stringify(rest) };
}

type Described = Omit<Concept, 'A' | 'B' | 'features' | 'layer'>;

function fromMetadata(
  metadata: Readonly<Record<string, string>>,
  directory: string,
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
    name: text(found.name, basename(resolve(directory))),
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
