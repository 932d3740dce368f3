import { PolarError, quote } from '../../errors.ts';
import { ACTIVATIONS, type Activation, type TowerConfig } from '../config.ts';

/** The families in one sentence, for messages. */
export const SUPPORTED = "CLIP, OpenCLIP's plain ViT, SigLIP and SigLIP 2 of fixed size, and MetaCLIP 2";

// No model comes near it, and numbers up to it multiply without loss.
const MAX_WHOLE = 10_000_000;

/** The fields of a JSON object in a model's configuration, each read with a check and a message that names the file. */
export class Fields {
  readonly file: string;
  readonly values: Readonly<Record<string, unknown>>;

  /** @throws PolarError when `value` is no JSON object */
  constructor(value: unknown, file: string, what = 'the file') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new PolarError(`${file}: ${what} is not a JSON object; download the model again`, 'unreadable');
    }
    this.file = file;
    this.values = value as Record<string, unknown>;
  }

  /** The object called `key`, empty where there is none. */
  part(key: string): Fields {
    return new Fields(this.values[key] ?? {}, this.file, key);
  }

  /** The same fields with others on top, which win. */
  with(other: Fields): Fields {
    return new Fields({ ...this.values, ...other.values }, this.file);
  }

  /** A positive whole number. */
  whole(key: string, fallback?: number): number {
    const value = this.values[key] ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value <= 0 || value > MAX_WHOLE) {
      throw this.wrong(key, value, 'a positive whole number');
    }
    return value;
  }

  /** A token id. */
  token(key: string, fallback: number): number {
    const value = this.values[key] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw this.wrong(key, value, 'a token');
    return value as number;
  }

  /** A number in a range, bounds excluded. */
  between(key: string, low: number, high: number, fallback: number, what: string): number {
    const value = this.values[key] ?? fallback;
    if (typeof value !== 'number' || !(value > low && value < high)) throw this.wrong(key, value, what);
    return value;
  }

  /** True or false. */
  flag(key: string, fallback: boolean): boolean {
    const value = this.values[key] ?? fallback;
    if (typeof value !== 'boolean') throw this.wrong(key, value, 'true or false');
    return value;
  }

  /** Refuses anything but `expected` (or nothing) in a field that would be another architecture. */
  only(key: string, ...expected: readonly unknown[]): void {
    const value = this.values[key];
    if (value === undefined || value === null || expected.includes(value)) return;
    throw this.unsupported(`${key} is ${quote(value)}`);
  }

  /** An architecture that is not read. */
  unsupported(found: string): PolarError {
    return new PolarError(
      `${this.file}: ${found}, which is another architecture; supported are ${SUPPORTED}`,
      'unreadable',
    );
  }

  /** A value that no model has. */
  wrong(key: string, value: unknown, expected: string): PolarError {
    return new PolarError(
      `${this.file}: ${key} is ${quote(value)}, expected ${expected}; download the model again`,
      'unreadable',
    );
  }
}

/** What a family's towers are where a sparse config does not say. */
export interface TowerDefaults {
  readonly width: number;
  readonly mlpWidth: number;
  readonly heads: number;
  readonly activation: Activation;
  readonly layerNormEpsilon: number;
}

/** A tower by transformers' names of its fields. */
export function readTower(fields: Fields, defaults: TowerDefaults): TowerConfig {
  const { hidden_act: stated = defaults.activation } = fields.values;
  const activation = ACTIVATIONS.find((name) => name === (stated ?? defaults.activation));
  if (activation === undefined) {
    throw new PolarError(
      `${fields.file}: hidden_act is ${quote(stated)}, expected ${ACTIVATIONS.join(' or ')}; choose another model`,
      'unreadable',
    );
  }
  const tower: TowerConfig = {
    width: fields.whole('hidden_size', defaults.width),
    mlpWidth: fields.whole('intermediate_size', defaults.mlpWidth),
    layers: fields.whole('num_hidden_layers', 12),
    heads: fields.whole('num_attention_heads', defaults.heads),
    activation,
    layerNormEpsilon: fields.between(
      'layer_norm_eps',
      0,
      1,
      defaults.layerNormEpsilon,
      'a small positive number',
    ),
  };
  if (tower.width % tower.heads !== 0) {
    throw new PolarError(
      `${fields.file}: hidden_size ${tower.width} is not a multiple of num_attention_heads ${tower.heads}; download the model again`,
      'unreadable',
    );
  }
  return tower;
}

/** Side of the image and of a patch, which must fit into it. */
export function readSides(fields: Fields, patch: number): { imageSize: number; patchSize: number } {
  const imageSize = fields.whole('image_size', 224);
  const patchSize = fields.whole('patch_size', patch);
  if (imageSize < patchSize) {
    throw new PolarError(
      `${fields.file}: image_size ${imageSize} is smaller than patch_size ${patchSize}; download the model again`,
      'unreadable',
    );
  }
  return { imageSize, patchSize };
}
