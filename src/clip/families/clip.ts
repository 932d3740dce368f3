import { readPreprocessor } from '../pixels/preprocess.ts';
import type { Family } from './family.ts';
import { Fields, readSides, readTower } from './fields.ts';

// Configs written before transformers 4.32 say this, which is no end of text: those models read at the highest token.
const LEGACY_END_TOKEN = 2;

/** The defaults of transformers' `CLIPConfig`. */
export const CLIP_TOWERS = {
  text: { width: 512, mlpWidth: 2048, heads: 8, activation: 'quick_gelu', layerNormEpsilon: 1e-5 },
  vision: { width: 768, mlpWidth: 3072, heads: 12, activation: 'quick_gelu', layerNormEpsilon: 1e-5 },
} as const;

/** Hugging Face's CLIP: OpenAI's models, OpenCLIP's exports, TinyCLIP. The graphs have this family's names. */
export const clip: Family = {
  name: 'clip',
  title: 'CLIP',
  mark: 'vision_model.pre_layrnorm.weight',

  config(json, file) {
    const root = new Fields(json, file);
    // Where older exports have `*_config_dict` too, its values win, as in transformers.
    const part = (name: string) => root.part(name).with(root.part(`${name}_dict`));
    const text = part('text_config');
    const vision = part('vision_config');
    const end = text.token('eos_token_id', 49407);
    return {
      family: 'clip',
      text: {
        ...readTower(text, CLIP_TOWERS.text),
        vocabulary: text.whole('vocab_size', 49408),
        contextLength: text.whole('max_position_embeddings', 77),
        causal: true,
        readAt: end === LEGACY_END_TOKEN ? 'highest' : end,
        projectionBias: false,
      },
      vision: {
        ...readTower(vision, CLIP_TOWERS.vision),
        ...readSides(vision, 32),
        patchBias: false,
        preNorm: true,
        pooling: 'class token',
      },
      dimension: root.whole('projection_dim', 512),
    };
  },

  pixels: ({ processor, preprocessor }) => readPreprocessor(processor, preprocessor),
  texts: () => ({ cleaning: 'clip', cutWith: null, padToken: 0 }),
  place: (tensor) => ({ tensor }),
};
