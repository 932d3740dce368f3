import { expect, it } from 'vitest';
import { imageFlops } from './cost.ts';
import { readClipConfig } from './families/describe.ts';

// Operations of the image towers, in billions, as open_clip's docs/model_profile.csv states them.
it.each([
  ['ViT-B/32', { hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12, patch_size: 32 }, 8.82],
  ['ViT-B/16', { hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12, patch_size: 16 }, 35.13],
  [
    'ViT-L/14',
    {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      patch_size: 14,
    },
    162.03,
  ],
])('the image tower of %s costs what is published of it', (_, vision_config, billions) => {
  const config = readClipConfig({ model_type: 'clip', vision_config }, 'config.json');
  expect(imageFlops(config) / 1e9 / billions).toBeGreaterThan(0.97);
  expect(imageFlops(config) / 1e9 / billions).toBeLessThan(1.03);
});
