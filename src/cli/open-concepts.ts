import { join } from 'node:path';
import { ConceptStore } from '../node/concepts/concept-store.ts';
import { polarHome } from '../node/home.ts';

/** The user's concepts. */
export const openConcepts = (): ConceptStore => new ConceptStore(join(polarHome(), 'concepts'));
