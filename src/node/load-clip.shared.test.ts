import { shared } from '../../test/shared.ts';
import { testGoldenEmbeddings } from './golden-embeddings.fixture.ts';

testGoldenEmbeddings(128, shared('golden'));
