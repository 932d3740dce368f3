import { describe, expect, it } from 'vitest';
import { FAMILIES, readClipConfig } from './describe.ts';

const TOWER = { width: 768, mlpWidth: 3072, layers: 12, heads: 12 };

/** A plain ViT-B/32 in OpenCLIP's layout. */
const openClip = (model: object = {}, text: object = {}, vision: object = {}) => ({
  model_cfg: {
    embed_dim: 512,
    vision_cfg: { image_size: 224, layers: 12, width: 768, patch_size: 32, ...vision },
    text_cfg: { context_length: 77, vocab_size: 49408, width: 512, heads: 8, layers: 12, ...text },
    ...model,
  },
  preprocess_cfg: {},
});

describe('the description of a model', () => {
  it("the description of a model takes the defaults of transformers' CLIPConfig where a CLIP says nothing: ViT-B/32", () => {
    expect(readClipConfig({ model_type: 'clip' }, 'config.json')).toEqual({
      family: 'clip',
      dimension: 512,
      text: {
        width: 512,
        mlpWidth: 2048,
        layers: 12,
        heads: 8,
        activation: 'quick_gelu',
        layerNormEpsilon: 1e-5,
        vocabulary: 49408,
        contextLength: 77,
        causal: true,
        readAt: 49407,
        projectionBias: false,
      },
      vision: {
        ...TOWER,
        activation: 'quick_gelu',
        layerNormEpsilon: 1e-5,
        imageSize: 224,
        patchSize: 32,
        patchBias: false,
        preNorm: true,
        pooling: 'class token',
      },
    });
  });

  it("the description of a model takes the defaults of transformers' SiglipConfig where a SigLIP says nothing: base, patch 16, 224 px", () => {
    const shared = { activation: 'gelu_pytorch_tanh', layerNormEpsilon: 1e-6 };
    expect(readClipConfig({ model_type: 'siglip' }, 'config.json')).toEqual({
      family: 'siglip',
      dimension: 768,
      text: {
        ...TOWER,
        ...shared,
        vocabulary: 32000,
        contextLength: 64,
        causal: false,
        readAt: 'last',
        projectionBias: true,
      },
      vision: {
        ...TOWER,
        ...shared,
        imageSize: 224,
        patchSize: 16,
        patchBias: true,
        preNorm: false,
        pooling: 'attention head',
      },
    });
  });

  it('the description of a model of a MetaCLIP 2 is that of a CLIP, read at its first end token even where that is 2', () => {
    const clip = readClipConfig({ model_type: 'clip' }, 'c.json');
    const metaclip = readClipConfig({ model_type: 'metaclip_2' }, 'c.json');
    expect(metaclip).toEqual({ ...clip, family: 'metaclip_2', text: { ...clip.text, readAt: 2 } });
  });

  it('the description of a model of a plain ViT in OpenCLIP has heads by their width, exact GELU unless it is said, and a bias where there is one', () => {
    const config = readClipConfig(openClip(), 'o.json');
    expect(config).toMatchObject({
      family: 'open_clip',
      dimension: 512,
      text: { width: 512, mlpWidth: 2048, heads: 8, activation: 'gelu', readAt: 'highest', causal: true },
      vision: { width: 768, heads: 12, patchSize: 32, pooling: 'class token', preNorm: true },
    });
    const other = readClipConfig(
      openClip(
        { quick_gelu: true, custom_text: true, init_logit_bias: -10 },
        { proj_bias: true },
        { width: 1408, head_width: 88, mlp_ratio: 4.3637, no_ln_pre: true },
      ),
      'o.json',
    );
    expect(other).toMatchObject({
      text: { activation: 'quick_gelu', projectionBias: true },
      vision: { heads: 16, mlpWidth: 6144, preNorm: false },
    });
  });

  it('the description of a model takes values from *_config_dict of older exports, which win; null means absent', () => {
    const config = readClipConfig(
      {
        model_type: 'clip',
        projection_dim: 768,
        text_config: { hidden_size: 512, hidden_act: 'gelu' },
        text_config_dict: { hidden_size: 768, num_attention_heads: 12 },
        vision_config: { hidden_size: 1024, num_attention_heads: 16, patch_size: 14 },
        vision_config_dict: null,
      },
      'config.json',
    );
    expect(config.text).toMatchObject({ width: 768, heads: 12, activation: 'gelu' });
    expect(config.vision).toMatchObject({ width: 1024, heads: 16, patchSize: 14 });
  });

  it.each([
    [{}, 49407],
    [{ eos_token_id: 49409 }, 49409],
    [{ eos_token_id: 2 }, 'highest'],
  ])(
    'the description of a model says that a text of a CLIP is read where transformers reads it: %j',
    (text_config, readAt) => {
      expect(readClipConfig({ model_type: 'clip', text_config }, 'c.json').text.readAt).toBe(readAt);
    },
  );
});

describe('a config that cannot be read', () => {
  it.each(['siglip2', 'bert', 'chinese_clip', 'clip_text_model', undefined])(
    'a config is refused with the families that can, when it is of another kind: %s',
    (model_type) => {
      expect(() => readClipConfig({ model_type }, 'c.json')).toThrow(
        /^c\.json: model_type is [^\n]*, expected "clip", "siglip", "metaclip_2"; supported are CLIP, OpenCLIP's plain ViT, SigLIP and SigLIP 2 of fixed size, and MetaCLIP 2$/,
      );
    },
  );

  it('a config of SigLIP 2 for any picture size is called by its name', () => {
    expect(() => readClipConfig({ model_type: 'siglip2' }, 'c.json')).toThrow(/any picture size \(NaFlex\)/);
  });

  it.each([
    ['timm_model_name', openClip({}, {}, { timm_model_name: 'fastvit_mci0' })],
    ['hf_model_name', openClip({}, { hf_model_name: 'xlm-roberta-base' })],
    ['hf_tokenizer_name', openClip({}, { hf_tokenizer_name: 'bert-base-uncased' })],
    ['attentional_pool', openClip({}, {}, { attentional_pool: true })],
    ['pool_type', openClip({}, { pool_type: 'last' })],
    ['no_causal_mask', openClip({}, { no_causal_mask: true })],
    ['multimodal_cfg', openClip({ multimodal_cfg: {} })],
    ['layers', openClip({}, {}, { layers: [3, 4, 6, 3] })],
    ['some_new_field', openClip({}, {}, { some_new_field: 1 })],
  ])('a config of OpenCLIP is refused by the field that makes it another architecture: %s', (field, json) => {
    expect(() => readClipConfig(json, 'o.json')).toThrow(
      new RegExp(`^o\\.json: ${field} is .*, which is another architecture; supported are CLIP`),
    );
  });

  it.each([
    [{ text_config: { eos_token_id: [1, 2] } }, /c\.json: eos_token_id is \[1,2\], expected a token/],
    [
      { vision_config: { image_size: 16, patch_size: 32 } },
      /c\.json: image_size 16 is smaller than patch_size 32/,
    ],
    [{ projection_dim: -1 }, /c\.json: projection_dim is -1, expected a positive whole number/],
    [{ projection_dim: 1e9 }, /c\.json: projection_dim is 1000000000, expected a positive whole number/],
    [{ text_config: { hidden_act: 'relu' } }, /c\.json: hidden_act is "relu", expected quick_gelu or/],
    [
      { text_config: { num_attention_heads: 7 } },
      /hidden_size 512 is not a multiple of num_attention_heads 7/,
    ],
    [{ text_config: [] }, /c\.json: text_config is not a JSON object/],
  ])('a config of a CLIP is refused with the value that no model has: %j', (fields, message) => {
    expect(() => readClipConfig({ model_type: 'clip', ...fields }, 'c.json')).toThrow(message);
  });

  it.each([
    [
      { vision_config: { vision_use_head: false } },
      /vision_use_head is false, which is another architecture/,
    ],
    [{ text_config: { projection_size: 512 } }, /projection_size is 512, expected hidden_size 768/],
  ])('a config of a SigLIP is refused where it has no head or no common space: %j', (fields, message) => {
    expect(() => readClipConfig({ model_type: 'siglip', ...fields }, 'c.json')).toThrow(message);
  });

  it.each([
    [openClip({ embed_dim: undefined }), /o\.json: embed_dim is undefined, expected a positive whole number/],
    [openClip({}, {}, { head_width: 100 }), /width 768 is not a multiple of head_width 100/],
    [openClip({}, { heads: 7 }), /width 512 is not a multiple of 7 heads/],
    [openClip({ quick_gelu: 'yes' }), /quick_gelu is "yes", expected true or false/],
    [{ model_cfg: 1 }, /model_cfg is not a JSON object/],
  ])('a config of OpenCLIP is refused with the value that no model has: %#', (json, message) => {
    expect(() => readClipConfig(json, 'o.json')).toThrow(message);
  });
});

describe('the preparation of pictures and texts', () => {
  const config = readClipConfig(openClip(), 'o.json');

  it("the preparation of pictures and texts is OpenAI's where an OpenCLIP config does not say", () => {
    expect(FAMILIES.open_clip.pixels({ config: [openClip(), 'o.json'] }, config)).toMatchObject({
      resizeTo: 224,
      cropTo: 224,
      resize: 'shortest',
      interpolation: 'bicubic',
      mean: [0.48145466, 0.4578275, 0.40821073],
    });
  });

  it.each([
    [{ resize_mode: 'longest' }, /resize_mode is "longest", expected "shortest" or "squash"/],
    [{ interpolation: 'random' }, /interpolation is "random", expected "bicubic" or "bilinear"/],
    [{ mean: [1, 2] }, /image_mean is \[1,2\]/],
  ])(
    'the preparation of pictures and texts is refused where it is not read: %j',
    (preprocess_cfg, message) => {
      const json = { ...openClip(), preprocess_cfg };
      expect(() => FAMILIES.open_clip.pixels({ config: [json, 'o.json'] }, config)).toThrow(message);
    },
  );

  it("the preparation of pictures and texts of SigLIP ends and pads with </s>, SigLIP 2's with <eos> and <pad>; a CLIP tokenizer is refused", () => {
    const added = (...contents: string[]) => ({
      added_tokens: contents.map((content, id) => ({ id, content })),
    });
    expect(FAMILIES.siglip.texts(added('<unk>', '</s>'), 't.json')).toEqual({
      cleaning: 'none',
      cutWith: 1,
      padToken: 1,
    });
    expect(FAMILIES.siglip.texts(added('<pad>', '<eos>', '<bos>', '</s>'), 't.json')).toEqual({
      cleaning: 'lower case',
      cutWith: 1,
      padToken: 0,
    });
    for (const json of [added('<|startoftext|>', '<|endoftext|>'), {}, null, { added_tokens: [null, 1] }]) {
      expect(() => FAMILIES.siglip.texts(json, 't.json')).toThrow(
        /^t\.json: has neither <eos> and <pad> \(SigLIP 2\) nor <\/s> \(SigLIP\) among its added_tokens/,
      );
    }
  });
});
