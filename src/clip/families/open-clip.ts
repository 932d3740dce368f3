import { PolarError, quote } from '../../errors.ts';
import type { TowerConfig } from '../config.ts';
import { preprocessorConfig } from '../pixels/preprocess.ts';
import type { Family, Place } from './family.ts';
import { Fields, readSides } from './fields.ts';

// What open_clip takes where a config does not say.
const OPENAI_MEAN = [0.48145466, 0.4578275, 0.40821073];
const OPENAI_STD = [0.26862954, 0.26130258, 0.27577711];

/**
 * OpenCLIP's layout with plain ViT towers: `open_clip_config.json` and OpenAI's names of tensors, in which q, k and v
 * are one tensor and projections are stored transposed.
 */
export const openClip: Family = {
  name: 'open_clip',
  title: 'OpenCLIP',
  mark: 'visual.conv1.weight',

  config(json, file) {
    const root = new Fields(json, file);
    const model = root.part('model_cfg');
    const text = model.part('text_cfg');
    const vision = model.part('vision_cfg');
    onlyKnown(model, MODEL_FIELDS);
    onlyKnown(text, TEXT_FIELDS);
    onlyKnown(vision, VISION_FIELDS);
    const activation = model.flag('quick_gelu', false) ? 'quick_gelu' : 'gelu';
    const tower = (fields: Fields, width: number, heads: number): TowerConfig => {
      if (width % heads !== 0) {
        throw new PolarError(
          `${file}: width ${width} is not a multiple of ${heads} heads; download the model again`,
          'unreadable',
        );
      }
      return {
        width,
        mlpWidth: Math.trunc(width * fields.between('mlp_ratio', 0, 100, 4, 'a number')),
        layers: fields.whole('layers', 12),
        heads,
        activation,
        layerNormEpsilon: 1e-5,
      };
    };
    const visionWidth = vision.whole('width', 768);
    const headWidth = vision.whole('head_width', 64);
    if (visionWidth % headWidth !== 0) {
      throw new PolarError(
        `${file}: width ${visionWidth} is not a multiple of head_width ${headWidth}; download the model again`,
        'unreadable',
      );
    }
    return {
      family: 'open_clip',
      text: {
        ...tower(text, text.whole('width', 512), text.whole('heads', 8)),
        vocabulary: text.whole('vocab_size', 49408),
        contextLength: text.whole('context_length', 77),
        causal: true,
        readAt: 'highest',
        projectionBias: text.flag('proj_bias', false),
      },
      vision: {
        ...tower(vision, visionWidth, visionWidth / headWidth),
        ...readSides(vision, 16),
        patchBias: false,
        preNorm: !vision.flag('no_ln_pre', false),
        pooling: 'class token',
      },
      dimension: model.whole('embed_dim'),
    };
  },

  pixels({ config: [json, file] }, { vision: { imageSize } }) {
    const fields = new Fields(json, file).part('preprocess_cfg');
    const { interpolation = 'bicubic', resize_mode: resize = 'shortest' } = fields.values;
    if (resize !== 'shortest' && resize !== 'squash') {
      throw fields.wrong('resize_mode', resize, '"shortest" or "squash"');
    }
    if (interpolation !== 'bicubic' && interpolation !== 'bilinear') {
      throw fields.wrong('interpolation', interpolation, '"bicubic" or "bilinear"');
    }
    return preprocessorConfig(
      { resizeTo: imageSize, cropTo: imageSize, resize, interpolation, toRgb: 'after resizing' },
      { mean: fields.values.mean ?? OPENAI_MEAN, std: fields.values.std ?? OPENAI_STD },
      file,
    );
  },

  texts: () => ({ cleaning: 'clip', cutWith: null, padToken: 0 }),

  place(name, has) {
    const place = toOpenAi(name);
    if (name.startsWith('vis')) return place;
    // With `custom_text` the text tower is a module of its own; with `proj_bias` its projection is a linear layer,
    // which is stored as such.
    const inText = has('text.token_embedding.weight') ? 'text.' : '';
    if (name.startsWith('text_projection.') && has(`${inText}text_projection.weight`)) {
      return { tensor: `${inText}${name}` };
    }
    return { ...place, tensor: `${inText}${place.tensor}` };
  },
};

const LEAF_NAMES: Readonly<Record<string, string>> = {
  layer_norm1: 'ln_1',
  layer_norm2: 'ln_2',
  'self_attn.out_proj': 'attn.out_proj',
  'mlp.fc1': 'mlp.c_fc',
  'mlp.fc2': 'mlp.c_proj',
};

const OTHER_NAMES: Readonly<Record<string, Place>> = {
  'text_model.embeddings.token_embedding.weight': { tensor: 'token_embedding.weight' },
  'text_model.embeddings.position_embedding.weight': { tensor: 'positional_embedding' },
  'text_projection.weight': { tensor: 'text_projection', transposed: true },
  'vision_model.embeddings.patch_embedding.weight': { tensor: 'visual.conv1.weight' },
  'vision_model.embeddings.class_embedding': { tensor: 'visual.class_embedding' },
  'vision_model.embeddings.position_embedding.weight': { tensor: 'visual.positional_embedding' },
  'visual_projection.weight': { tensor: 'visual.proj', transposed: true },
};

const NORMS: Readonly<Record<string, string>> = {
  'text_model.final_layer_norm': 'ln_final',
  'vision_model.pre_layrnorm': 'visual.ln_pre',
  'vision_model.post_layernorm': 'visual.ln_post',
};

/** A weight's place under OpenAI's names. */
function toOpenAi(name: string): Place {
  const known = OTHER_NAMES[name];
  if (known !== undefined) return known;
  const [, module, kind] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  if (module !== undefined && NORMS[module] !== undefined) return { tensor: `${NORMS[module]}.${kind}` };
  const layer = /^(text|vision)_model\.encoder\.layers\.(\d+)\.(.*)$/.exec(module ?? '');
  if (layer === null) return { tensor: name };
  const [, tower, index, leaf] = layer;
  const block = `${tower === 'vision' ? 'visual.' : ''}transformer.resblocks.${index}`;
  const attention = /^self_attn\.([qkv])_proj$/.exec(leaf!);
  if (attention === null) return { tensor: `${block}.${LEAF_NAMES[leaf!]}.${kind}` };
  return { tensor: `${block}.attn.in_proj_${kind}`, part: { index: 'qkv'.indexOf(attention[1]!), of: 3 } };
}

// What each part of a config may say: any value (null) where it is read or is for training only, otherwise one of
// those that leave a plain ViT as it is.
type Known = Readonly<Record<string, readonly unknown[] | null>>;

const MODEL_FIELDS: Known = {
  embed_dim: null,
  vision_cfg: null,
  text_cfg: null,
  quick_gelu: null,
  custom_text: null,
  init_logit_scale: null,
  init_logit_bias: null,
  output_dict: null,
  cast_dtype: null,
};

const TEXT_FIELDS: Known = {
  context_length: null,
  vocab_size: null,
  width: null,
  heads: null,
  layers: null,
  mlp_ratio: null,
  proj_bias: null,
  output_tokens: null,
  ls_init_value: [null],
  pad_id: [0],
  no_causal_mask: [false],
  final_ln_after_pool: [false],
  pool_type: ['argmax'],
  proj_type: ['linear'],
  embed_cls: [false],
  act_kwargs: [null],
  norm_kwargs: [null],
  hf_model_name: [null],
  hf_tokenizer_name: [null],
  tokenizer_kwargs: [null],
};

const VISION_FIELDS: Known = {
  image_size: null,
  width: null,
  layers: null,
  patch_size: null,
  head_width: null,
  mlp_ratio: null,
  no_ln_pre: null,
  patch_dropout: null,
  output_tokens: null,
  ls_init_value: [null],
  attentional_pool: [false],
  attn_pooler_queries: null,
  attn_pooler_heads: null,
  global_average_pool: [false],
  input_patchnorm: [false],
  pos_embed_type: ['learnable'],
  pool_type: ['tok'],
  final_ln_after_pool: [false],
  act_kwargs: [null],
  norm_kwargs: [null],
  timm_model_name: [null],
  timm_model_pretrained: null,
  timm_pool: null,
  timm_proj: null,
  timm_proj_bias: null,
  timm_drop: null,
  timm_drop_path: null,
};

function onlyKnown(fields: Fields, known: Known): void {
  for (const [key, value] of Object.entries(fields.values)) {
    const allowed = Object.hasOwn(known, key) ? known[key] : [];
    if (allowed !== null && value !== null && !allowed!.includes(value)) {
      throw fields.unsupported(`${key} is ${quote(value)}`);
    }
  }
  const { layers } = fields.values;
  if (Array.isArray(layers)) throw fields.unsupported(`layers is ${quote(layers)}, a ResNet tower`);
}
