import { expect, it } from 'vitest';
import { readClipConfig } from './config.ts';

it("absent values are those of transformers' CLIPConfig: ViT-B/32", () => {
  expect(readClipConfig({ model_type: 'clip' }, 'config.json')).toEqual({
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
      endToken: 49407,
    },
    vision: {
      width: 768,
      mlpWidth: 3072,
      layers: 12,
      heads: 12,
      activation: 'quick_gelu',
      layerNormEpsilon: 1e-5,
      imageSize: 224,
      patchSize: 32,
    },
  });
});

it('older exports keep values in *_config_dict, which win; null means absent', () => {
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
  [{ eos_token_id: 2 }, null],
])('a text ends where CLIP ends it: %j', (text_config, endToken) => {
  expect(readClipConfig({ model_type: 'clip', text_config }, 'c.json').text.endToken).toBe(endToken);
});

it.each(['siglip', 'siglip2', 'bert', 'chinese_clip', 'clip_text_model', undefined])(
  'a model of another kind is refused: %s',
  (model_type) => {
    expect(() => readClipConfig({ model_type }, 'c.json')).toThrow(
      /^c\.json: model_type is [^\n]*, expected "clip"; choose a CLIP model/,
    );
  },
);

it('an end of text that is no token is refused', () => {
  const json = { model_type: 'clip', text_config: { eos_token_id: [1, 2] } };
  expect(() => readClipConfig(json, 'c.json')).toThrow(/c\.json: eos_token_id is \[1,2\], expected a token/);
});

it('a patch larger than the picture is refused', () => {
  const json = { model_type: 'clip', vision_config: { image_size: 16, patch_size: 32 } };
  expect(() => readClipConfig(json, 'c.json')).toThrow(
    /c\.json: image_size 16 is smaller than patch_size 32/,
  );
});
