import { PolarError } from '../errors.ts';
import { type Concept, requireSameModel } from '../polar/concept/concept.ts';
import { unzipConcept, zipConcept } from '../polar/concept/zip.ts';
import { fold } from '../polar/query/fold.ts';
import type { Clip } from './load-clip.ts';

/**
 * Reads a zip file of a concept's adapter.
 *
 * @throws PolarError when it is no such file, or was learnt with another model
 */
export function unpackConcept(zip: Uint8Array, fileName: string, clip: Clip): Concept {
  const concept = unzipConcept(zip, fileName);
  requireSameModel(concept, clip);
  return concept;
}

// The Cache API keeps files by address; concepts stay on this machine as the model's weights do.
const CACHE = 'polar-concepts';
const addressOf = ({ modelId, revision, name }: Pick<Concept, 'modelId' | 'revision' | 'name'>): string =>
  `/polar-concepts/${[modelId, revision, fold(name)].map(encodeURIComponent).join('/')}`;

/** Keeps a concept for the next visit. */
export async function keepConcept(concept: Concept): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(addressOf(concept), new Response(zipConcept(concept) as BodyInit));
}

/** Forgets a kept concept. */
export async function forgetConcept(concept: Concept): Promise<void> {
  await (await caches.open(CACHE)).delete(addressOf(concept));
}

/** The kept concepts of a model; one that cannot be read never hides the others. */
export async function keptConcepts(clip: Clip): Promise<Concept[]> {
  const cache = await caches.open(CACHE);
  const concepts: Concept[] = [];
  for (const request of await cache.keys()) {
    const zip = await (await cache.match(request))?.arrayBuffer();
    try {
      if (zip !== undefined) concepts.push(unpackConcept(new Uint8Array(zip), 'kept concept', clip));
    } catch (error) {
      if (!(error instanceof PolarError)) throw error; // learnt with another model
    }
  }
  return concepts.sort((a, b) => (fold(a.name) < fold(b.name) ? -1 : 1));
}
