import { ConceptStore } from '../node/concepts/concept-store.ts';
import { inHome, polarHome } from '../node/home.ts';

/** The user's concepts. */
export const openConcepts = (): ConceptStore => new ConceptStore(inHome(polarHome()).concepts);
