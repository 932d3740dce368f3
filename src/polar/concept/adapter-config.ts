import { PolarError, quote } from '../../errors.ts';
import { tell } from '../../messages.ts';

/** What an `adapter_config.json` says of one module's update. */
export interface AdapterConfig {
  /** peft's `alpha / r`, by which B A is multiplied. */
  readonly scale: number;
  readonly modelId: string;
  readonly revision: string;
}

const MAX_ID_LENGTH = 4096; // of a path
const MAX_ALPHA = 1e6;

// Settings that change nothing of what the weights mean: of training, or said by the weights' own names.
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...['base_model_name_or_path', 'revision', 'peft_type', 'r', 'rank_pattern', 'lora_alpha', 'alpha_pattern'],
  ...['layers_to_transform', 'init_lora_weights', 'bias', 'task_type', 'inference_mode', 'auto_mapping'],
  ...[
    'peft_version',
    'target_modules',
    'exclude_modules',
    'layers_pattern',
    'lora_dropout',
    'runtime_config',
  ],
  ...['megatron_core', 'qalora_group_size', 'eva_config', 'ensure_weight_tying'],
  'use_rslora', // alpha / sqrt(r) is alpha / r where r is 1
  'fan_in_fan_out', // peft turns it off for a linear layer
]);
// The others change the base model's own weights, which B A is then added to.
const INITIALISATIONS: ReadonlySet<unknown> = new Set([
  true,
  false,
  undefined,
  'gaussian',
  'orthogonal',
  'eva',
]);

/** A concept's file that cannot be what polar has written. */
export const damaged = (file: string, why: string): PolarError =>
  new PolarError(`${file}: ${tell('concept.damaged', { why })}`, 'unreadable');

/** An adapter that another program may have written, and that is no concept. */
export const foreign = (file: string, why: string): PolarError =>
  new PolarError(`${file}: ${tell('concept.foreign', { why })}`, 'unreadable');

/**
 * Reads the settings of a rank-one LoRA as peft applies them to the module `text_model.encoder.layers.<layer>.
 * self_attn.v_proj`. Each setting is honoured or refused; one that isn't known must be unset.
 *
 * @throws PolarError for another kind of adapter
 */
export function readAdapterConfig(
  json: Readonly<Record<string, unknown>>,
  file: string,
  layer: number,
): AdapterConfig {
  const refuse = (why: string) => foreign(file, why);
  const module = `text_model.encoder.layers.${layer}.self_attn.v_proj`;
  // 8 is what peft takes for both where nothing is said.
  const rank = patternValue(json.rank_pattern, 'rank_pattern', module, refuse) ?? json.r ?? 8;
  if (json.peft_type !== 'LORA' || rank !== 1) {
    throw refuse(`peft_type ${quote(json.peft_type)} of rank ${quote(rank)}, expected LORA of rank 1`);
  }
  const alpha = patternValue(json.alpha_pattern, 'alpha_pattern', module, refuse) ?? json.lora_alpha ?? 8;
  if (typeof alpha !== 'number' || !(Math.abs(alpha) <= MAX_ALPHA)) {
    throw refuse(`lora_alpha is ${quote(alpha)}, expected a number up to ${MAX_ALPHA}`);
  }
  if (!INITIALISATIONS.has(json.init_lora_weights ?? undefined)) {
    throw refuse(
      `init_lora_weights is ${quote(json.init_lora_weights)}, which changes the model's own weights`,
    );
  }
  if (json.bias !== undefined && json.bias !== 'none') {
    throw refuse(`bias is ${quote(json.bias)}, expected "none"`);
  }
  const layers = json.layers_to_transform ?? layer;
  if (layers !== layer && !(Array.isArray(layers) && layers.includes(layer))) {
    throw refuse(`layers_to_transform is ${quote(layers)}, but the weights are of layer ${layer}`);
  }
  for (const [name, value] of Object.entries(json)) {
    if (WITHOUT_EFFECT.has(name) || isUnset(value)) continue;
    throw refuse(`${quote(name)} is ${quote(value)}, which cannot be honoured here`);
  }
  const text = (name: string) => {
    const value = json[name] ?? '';
    if (typeof value !== 'string' || value.length > MAX_ID_LENGTH) {
      throw refuse(`${name} is ${quote(value)}, expected a text of at most ${MAX_ID_LENGTH} characters`);
    }
    return value;
  };
  return { scale: alpha, modelId: text('base_model_name_or_path'), revision: text('revision') };
}

/**
 * The value of a pattern for a module, as peft finds it: the first key that is the end of the module's name. Keys may
 * be regular expressions, which are not run here, since they may be made to take forever.
 */
function patternValue(
  pattern: unknown,
  setting: string,
  module: string,
  refuse: (why: string) => PolarError,
): unknown {
  if (isUnset(pattern)) return undefined;
  if (typeof pattern !== 'object' || Array.isArray(pattern)) {
    throw refuse(`${setting} is ${quote(pattern)}, expected names of modules and numbers`);
  }
  const keys = Object.keys(pattern!);
  const isPlain = (key: string) => /^\^?[\w.\\]+$/.test(key) && !/\\[^.]/.test(key);
  const strange = keys.find((key) => !isPlain(key));
  if (strange !== undefined) {
    throw refuse(
      `${setting} has the key ${quote(strange)}, expected names of modules, not regular expressions`,
    );
  }
  const found = keys.find((key) => {
    const name = key.replaceAll('\\', '');
    return name.startsWith('^') ? module === name.slice(1) : module === name || module.endsWith(`.${name}`);
  });
  return found === undefined ? undefined : (pattern as Record<string, unknown>)[found];
}

function isUnset(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return !value;
  return Object.keys(value).length === 0;
}

/** A JSON object; undefined for anything else. */
export function parseObject(bytes: Uint8Array | string | undefined): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes));
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    return isObject ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
