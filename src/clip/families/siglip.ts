import { PolarError } from '../../errors.ts';
import { readPreprocessor } from '../pixels/preprocess.ts';
import type { Family, Place } from './family.ts';
import { Fields, readSides, readTower } from './fields.ts';

/** The defaults of both towers of transformers' `SiglipConfig`. */
const TOWER = {
  width: 768,
  mlpWidth: 3072,
  heads: 12,
  activation: 'gelu_pytorch_tanh',
  layerNormEpsilon: 1e-6,
} as const;

/**
 * SigLIP and SigLIP 2 of fixed size, which both say `siglip`. Texts have always T tokens: pads are attended to, no mask,
 * and the embedding is read at the last position. Pictures go through a head with one learnt query, without a
 * projection.
 */
export const siglip: Family = {
  name: 'siglip',
  title: 'SigLIP',
  mark: 'vision_model.head.probe',

  config(json, file) {
    const root = new Fields(json, file);
    const text = root.part('text_config');
    const vision = root.part('vision_config');
    vision.only('vision_use_head', true);
    const towers = { text: readTower(text, TOWER), vision: readTower(vision, TOWER) };
    const dimension = text.whole('projection_size', towers.text.width);
    if (dimension !== towers.vision.width) {
      throw new PolarError(
        `${file}: projection_size is ${dimension}, expected hidden_size ${towers.vision.width} of the image tower, which has no projection; download the model again`,
        'unreadable',
      );
    }
    return {
      family: 'siglip',
      text: {
        ...towers.text,
        vocabulary: text.whole('vocab_size', 32000),
        contextLength: text.whole('max_position_embeddings', 64),
        causal: false,
        readAt: 'last',
        projectionBias: true,
      },
      vision: {
        ...towers.vision,
        ...readSides(vision, 16),
        patchBias: true,
        preNorm: false,
        pooling: 'attention head',
      },
      dimension,
    };
  },

  pixels: ({ processor, preprocessor }) => readPreprocessor(processor, preprocessor, 'before resizing'),

  // Which of the two it is shows in the tokeniser only: SigLIP 2 has Gemma's, in lower case, with pads of their own;
  // SigLIP's has an end token which is the pad too. Configs are silent or name CLIP's tokens.
  texts(json, file) {
    const ids = specialTokens(json);
    const gemma = ids.get('<eos>');
    const end = gemma ?? ids.get('</s>');
    const pad = gemma === undefined ? end : ids.get('<pad>');
    if (end === undefined || pad === undefined) {
      throw new PolarError(
        `${file}: has neither <eos> and <pad> (SigLIP 2) nor </s> (SigLIP) among its added_tokens; the tokenizer is another model's, download the model again`,
        'unreadable',
      );
    }
    return { cleaning: gemma === undefined ? 'none' : 'lower case', cutWith: end, padToken: pad };
  },

  place(name): Place {
    if (name.startsWith('text_projection.'))
      return { tensor: name.replace('text_projection', 'text_model.head') };
    const inHead = /^vision_model\.head\.attention\.([qkv])_proj\.(weight|bias)$/.exec(name);
    if (inHead === null) return { tensor: name };
    const index = 'qkv'.indexOf(inHead[1]!);
    return { tensor: `vision_model.head.attention.in_proj_${inHead[2]}`, part: { index, of: 3 } };
  },
};

/** Content → id of the tokens that `tokenizer.json` adds to its model's. */
function specialTokens(json: unknown): Map<string, number> {
  const { added_tokens: added } = (json ?? {}) as { added_tokens?: unknown };
  const ids = new Map<string, number>();
  for (const token of Array.isArray(added) ? (added as { id?: unknown; content?: unknown }[]) : []) {
    const { id, content } = token ?? {};
    if (typeof content === 'string' && Number.isSafeInteger(id) && (id as number) >= 0) {
      ids.set(content, id as number);
    }
  }
  return ids;
}
