export const CONFIG = 'config.json';
/** Files that a model needs besides its weights. */
export const MODEL_FILES = [CONFIG, 'preprocessor_config.json', 'tokenizer.json'] as const;
export const SINGLE_WEIGHTS = 'model.safetensors';
export const SHARD_INDEX = 'model.safetensors.index.json';

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
