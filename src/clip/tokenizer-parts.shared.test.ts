import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shared } from '../../test/shared.ts';
import { checkTokenizerParts } from './tokenizer-parts.ts';

it.each(['siglip', 'siglip2', 'metaclip2', 'open_clip_plain'])(
  'the tokenizer of %s is made of known parts',
  (family) => {
    const file = shared(`golden-models/${family}/model/tokenizer.json`);
    expect(() => checkTokenizerParts(JSON.parse(readFileSync(file, 'utf8')), file)).not.toThrow();
  },
);
