import { PolarError, quote } from '../errors.ts';

/** Activation of the MLPs: OpenAI's models use `quick_gelu`, OpenCLIP's exports `gelu` (the exact, erf form). */
export const ACTIVATIONS = ['quick_gelu', 'gelu'] as const;
/** `quick_gelu` or `gelu`. */
export type Activation = (typeof ACTIVATIONS)[number];

/** What both towers have in common. */
export interface TowerConfig {
  /** D, the width of the residual stream. */
  readonly width: number;
  /** Width of the MLP's hidden layer. */
  readonly mlpWidth: number;
  readonly layers: number;
  readonly heads: number;
  readonly activation: Activation;
  readonly layerNormEpsilon: number;
}

export interface TextConfig extends TowerConfig {
  readonly vocabulary: number;
  /** Most tokens of a text, start and end included. */
  readonly contextLength: number;
  /** The token that ends a text, at which its embedding is read; null: the highest one of the text. */
  readonly endToken: number | null;
}

export interface VisionConfig extends TowerConfig {
  /** Side of the square input image, in pixels. */
  readonly imageSize: number;
  /** Side of a patch, in pixels. */
  readonly patchSize: number;
}

/** The shape of a CLIP, from its `config.json`. */
export interface ClipConfig {
  readonly text: TextConfig;
  readonly vision: VisionConfig;
  /** P, the dimension of the shared embedding space. */
  readonly dimension: number;
}

/**
 * Reads `config.json` of a Hugging Face CLIP repository. Fields that are absent take the defaults of
 * transformers' `CLIPConfig` (newer exports write only what differs from them).
 *
 * @throws PolarError when the file describes another kind of model or a value makes no sense
 */
export function readClipConfig(json: unknown, file: string): ClipConfig {
  const root = asObject(json, file, 'the file');
  if (root.model_type !== 'clip') {
    throw new PolarError(
      `${file}: model_type is ${quote(root.model_type)}, expected "clip"; choose a CLIP model (for example ViT-B/32)`,
      'unreadable',
    );
  }
  // Where older exports have `*_config_dict` too, its values win, as in transformers.
  const part = (name: string): Record<string, unknown> => ({
    ...asObject(root[name] ?? {}, file, name),
    ...asObject(root[`${name}_dict`] ?? {}, file, `${name}_dict`),
  });
  const text = part('text_config');
  const vision = part('vision_config');
  const whole = (from: Record<string, unknown>, key: string, fallback: number): number => {
    const value = from[key] ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value <= 0 || value > 10_000_000) {
      throw new PolarError(
        `${file}: ${key} is ${quote(value)}, expected a positive whole number; download the model again`,
        'unreadable',
      );
    }
    return value;
  };
  const tower = (from: Record<string, unknown>, width: number, mlpWidth: number, heads: number) => {
    const config: TowerConfig = {
      width: whole(from, 'hidden_size', width),
      mlpWidth: whole(from, 'intermediate_size', mlpWidth),
      layers: whole(from, 'num_hidden_layers', 12),
      heads: whole(from, 'num_attention_heads', heads),
      activation: readActivation(from.hidden_act ?? 'quick_gelu', file),
      layerNormEpsilon: readEpsilon(from.layer_norm_eps ?? 1e-5, file),
    };
    if (config.width % config.heads !== 0) {
      throw new PolarError(
        `${file}: hidden_size ${config.width} is not a multiple of num_attention_heads ${config.heads}; download the model again`,
        'unreadable',
      );
    }
    return config;
  };
  const config: ClipConfig = {
    text: {
      ...tower(text, 512, 2048, 8),
      vocabulary: whole(text, 'vocab_size', 49408),
      contextLength: whole(text, 'max_position_embeddings', 77),
      endToken: readEndToken(text.eos_token_id ?? 49407, file),
    },
    vision: {
      ...tower(vision, 768, 3072, 12),
      imageSize: whole(vision, 'image_size', 224),
      patchSize: whole(vision, 'patch_size', 32),
    },
    dimension: whole(root, 'projection_dim', 512),
  };
  if (config.vision.imageSize < config.vision.patchSize) {
    throw new PolarError(
      `${file}: image_size ${config.vision.imageSize} is smaller than patch_size ${config.vision.patchSize}; download the model again`,
      'unreadable',
    );
  }
  return config;
}

function asObject(value: unknown, file: string, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PolarError(`${file}: ${what} is not a JSON object; download the model again`, 'unreadable');
  }
  return value as Record<string, unknown>;
}

// Configs written before transformers 4.32 say this, which is no end of text: those models read at the highest token.
const LEGACY_END_TOKEN = 2;

function readEndToken(value: unknown, file: string): number | null {
  if (value === LEGACY_END_TOKEN) return null;
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new PolarError(
      `${file}: eos_token_id is ${quote(value)}, expected a token; download the model again`,
      'unreadable',
    );
  }
  return value as number;
}

function readActivation(value: unknown, file: string): Activation {
  const found = ACTIVATIONS.find((activation) => activation === value);
  if (found === undefined) {
    throw new PolarError(
      `${file}: hidden_act is ${quote(value)}, expected ${ACTIVATIONS.join(' or ')}; choose another model`,
      'unreadable',
    );
  }
  return found;
}

function readEpsilon(value: unknown, file: string): number {
  if (typeof value !== 'number' || !(value > 0 && value < 1)) {
    throw new PolarError(
      `${file}: layer_norm_eps is ${quote(value)}, expected a small positive number; download the model again`,
      'unreadable',
    );
  }
  return value;
}
