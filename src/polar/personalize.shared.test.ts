import { shared } from '../../test/shared.ts';
import { testGoldenTraining } from './golden-training.fixture.ts';

testGoldenTraining(128, shared('golden'));
