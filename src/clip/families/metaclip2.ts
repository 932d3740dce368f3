import { readPreprocessor } from '../pixels/preprocess.ts';
import { clip } from './clip.ts';
import type { Family } from './family.ts';
import { Fields } from './fields.ts';

/**
 * MetaCLIP 2 (`metaclip_2` in transformers): CLIP's towers and names with a tokeniser of many languages. A text is read
 * at its first end token, whatever its number: here 2 is no sign of an old config.
 */
export const metaclip2: Family = {
  ...clip,
  name: 'metaclip_2',
  title: 'MetaCLIP 2',

  config(json, file) {
    const config = clip.config(json, file);
    const readAt = new Fields(json, file).part('text_config').token('eos_token_id', 2);
    return { ...config, family: 'metaclip_2', text: { ...config.text, readAt } };
  },

  pixels: ({ processor, preprocessor }) => readPreprocessor(processor, preprocessor, 'before resizing'),
  texts: () => ({ cleaning: 'none', cutWith: null, padToken: 1 }),
};
