import { it } from 'vitest';
import { shared } from '../../../test/shared.ts';
import { expectReleasedMetrics } from './metrics.fixture.ts';

it('the metrics are those of the released code on 40 other queries over 200 images', () =>
  expectReleasedMetrics(shared('golden')));
