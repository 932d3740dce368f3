import { MODEL_TYPES } from '../config.ts';
import { readShardNames } from '../weights/safetensors.ts';

export const CONFIG = 'config.json';
export const OPEN_CLIP_CONFIG = 'open_clip_config.json';
export const TOKENIZER = 'tokenizer.json';
export const PREPROCESSOR = 'preprocessor_config.json';
/** Where transformers 5 writes what it wrote into `preprocessor_config.json` before. */
export const PROCESSOR = 'processor_config.json';
export const SINGLE_WEIGHTS = 'model.safetensors';
export const SHARD_INDEX = 'model.safetensors.index.json';
export const OPEN_CLIP_WEIGHTS = 'open_clip_model.safetensors';
// What the hub's conversion service makes of `open_clip_pytorch_model.bin`.
const OPEN_CLIP_CONVERTED = 'open_clip_pytorch_model.safetensors';

/** Names that a model's weights can have in a repository, shards aside. */
export const WEIGHT_FILES = [SINGLE_WEIGHTS, SHARD_INDEX, OPEN_CLIP_WEIGHTS, OPEN_CLIP_CONVERTED] as const;
/** All names that a model's files can have in a repository, shards aside. */
export const MODEL_FILES = [
  CONFIG,
  OPEN_CLIP_CONFIG,
  PREPROCESSOR,
  PROCESSOR,
  TOKENIZER,
  ...WEIGHT_FILES,
] as const;

/** Where a model's files are looked for: a repository, a folder, the cache, a static host. */
export interface FileSource {
  /** Those of `names` that are there. */
  present(names: readonly string[]): Promise<ReadonlySet<string>>;
  /** What a JSON file holds; undefined where it is damaged. */
  readJson(name: string): Promise<unknown>;
}

/** The files that make a model. */
export interface FilePlan {
  /** `config.json` (transformers' layout) or `open_clip_config.json` (OpenCLIP's). */
  readonly config: string;
  /** Names of the files that are there: the config first, the weights last. */
  readonly files: readonly string[];
  /** Names of those that are not; empty for a model that can be loaded. */
  readonly missing: readonly string[];
  /** Whether the config says that it is of a kind that is read. */
  readonly isRead: boolean;
  /** Whether CLIP's own tokenizer, which ships with polar, is the one to use. */
  readonly usesClipTokenizer: boolean;
}

/**
 * Which files of a repository or folder make a model: transformers' layout where its `config.json` is of a family
 * that is read and nothing is missing, else OpenCLIP's, where there is one.
 *
 * @throws PolarError when an index of shards names anything but weight files beside it
 */
export async function planFiles(source: FileSource): Promise<FilePlan> {
  const isThere = async (name: string) => (await source.present([name])).has(name);
  const hasConfig = await isThere(CONFIG);
  const isRead = hasConfig && isModelConfig(await source.readJson(CONFIG));
  const transformers = isRead ? await planTransformers(source, true) : undefined;
  if (transformers?.missing.length === 0) return transformers;
  if (await isThere(OPEN_CLIP_CONFIG)) {
    const openClip = await planOpenClip(source);
    if (openClip.missing.length === 0 || transformers === undefined) return openClip;
  }
  return transformers ?? planTransformers(source, false);
}

async function planTransformers(source: FileSource, isRead: boolean): Promise<FilePlan> {
  const found = await source.present([CONFIG, PREPROCESSOR, PROCESSOR, TOKENIZER]);
  const weights = await planWeights(source);
  const hasProcessor = found.has(PREPROCESSOR) || found.has(PROCESSOR);
  return {
    config: CONFIG,
    files: [...found, ...weights.files],
    missing: [
      ...[CONFIG, TOKENIZER].filter((name) => !found.has(name)),
      ...(hasProcessor ? [] : [PREPROCESSOR]),
      ...weights.missing,
    ],
    isRead,
    usesClipTokenizer: false,
  };
}

async function planWeights(source: FileSource): Promise<Pick<FilePlan, 'files' | 'missing'>> {
  if ((await source.present([SINGLE_WEIGHTS])).has(SINGLE_WEIGHTS)) {
    return { files: [SINGLE_WEIGHTS], missing: [] };
  }
  if (!(await source.present([SHARD_INDEX])).has(SHARD_INDEX))
    return { files: [], missing: [SINGLE_WEIGHTS] };
  const shards = readShardNames(await source.readJson(SHARD_INDEX), SHARD_INDEX);
  const found = await source.present(shards);
  return {
    files: [SHARD_INDEX, ...shards.filter((shard) => found.has(shard))],
    missing: shards.filter((shard) => !found.has(shard)),
  };
}

async function planOpenClip(source: FileSource): Promise<FilePlan> {
  const tokenizer = await source.present([TOKENIZER]);
  let weights: string | undefined;
  for (const name of [OPEN_CLIP_WEIGHTS, OPEN_CLIP_CONVERTED]) {
    if (weights === undefined && (await source.present([name])).has(name)) weights = name;
  }
  const usesClipTokenizer =
    !tokenizer.has(TOKENIZER) && readsClipTokens(await source.readJson(OPEN_CLIP_CONFIG));
  return {
    config: OPEN_CLIP_CONFIG,
    files: [OPEN_CLIP_CONFIG, ...tokenizer, ...(weights === undefined ? [] : [weights])],
    missing: [
      ...(tokenizer.has(TOKENIZER) || usesClipTokenizer ? [] : [TOKENIZER]),
      ...(weights === undefined ? [OPEN_CLIP_WEIGHTS] : []),
    ],
    isRead: true,
    usesClipTokenizer,
  };
}

const CLIP_VOCABULARY = 49408;

/** OpenCLIP's rule: a text tower that names no other tokenizer reads the tokens of CLIP's own. */
function readsClipTokens(config: unknown): boolean {
  const text = (config as { model_cfg?: { text_cfg?: Record<string, unknown> } } | null | undefined)
    ?.model_cfg?.text_cfg;
  if (typeof text !== 'object' || text === null) return false;
  return text.hf_tokenizer_name === undefined && (text.vocab_size ?? CLIP_VOCABULARY) === CLIP_VOCABULARY;
}

/** Whether a parsed `config.json` is of a family that is read. */
const isModelConfig = (json: unknown): boolean =>
  MODEL_TYPES.some((type) => type === (json as { model_type?: unknown } | null | undefined)?.model_type);

// Enough of a weight file to notice that it was changed, without reading gigabytes.
const SAMPLE_BYTES = 1 << 20;

/** Where the first and the last mebibyte of a file of `size` bytes start, and how long they are. */
export const fingerprintSamples = (
  size: number,
): { readonly length: number; readonly positions: number[] } => ({
  length: Math.min(SAMPLE_BYTES, size),
  positions: [0, Math.max(0, size - SAMPLE_BYTES)],
});

/** Hexadecimal digits of a fingerprint: as many as a commit has. */
export const FINGERPRINT_DIGITS = 40;
