import { it } from 'vitest';
import { shared } from '../../../test/shared.ts';
import { expectGoldenPixels } from './golden-pixels.fixture.ts';

// These tensors are stored as float16, which is up to 0.07 grey levels off.
it('preprocessing to 224 px is within a grey level of the released code (JPEG and WebP 3, mean 0.3)', () =>
  expectGoldenPixels(224, shared('golden/pixel_values_224.npy')));
