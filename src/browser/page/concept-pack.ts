import { unzipSync, zipSync } from 'fflate';
import { PolarError } from '../../errors.ts';
import { type Concept, requireSameModel } from '../../polar/concept.ts';
import { decodeConcept, encodeConcept } from '../../polar/concept-adapter.ts';
import { fold } from '../../polar/sentence.ts';
import type { Clip } from '../load-clip.ts';

/** A concept as a zip file of its PEFT adapter, which `polar concepts import` takes once it is unpacked. */
export function packConcept(concept: Concept): Uint8Array {
  return zipSync(Object.fromEntries(encodeConcept(concept)), { level: 0 });
}

/**
 * Reads what `packConcept` wrote.
 *
 * @throws PolarError when it is no such file, or was learnt with another model
 */
export function unpackConcept(zip: Uint8Array, fileName: string, clip: Clip): Concept {
  let entries: Record<string, Uint8Array>;
  try {
    // A concept has a few hundred kilobytes at most; a zip file can promise anything.
    entries = unzipSync(zip, { filter: ({ originalSize }) => originalSize < MAX_FILE_BYTES });
  } catch {
    throw new PolarError(`${fileName}: not a zip file; choose one that was downloaded here`);
  }
  // Whoever packs a folder packs its name too.
  const files = new Map(Object.entries(entries).map(([path, bytes]) => [path.split('/').at(-1)!, bytes]));
  const folderName = fileName.replace(/\.zip$/i, '');
  const concept = decodeConcept({ folderName, pathOf: (name) => `${fileName}: ${name}`, files });
  requireSameModel(concept, clip);
  return concept;
}

const MAX_FILE_BYTES = 50_000_000;

// The Cache API keeps files by address; concepts stay on this machine as the model's weights do.
const CACHE = 'polar-concepts';
const addressOf = ({ modelId, revision, name }: Pick<Concept, 'modelId' | 'revision' | 'name'>): string =>
  `/polar-concepts/${[modelId, revision, fold(name)].map(encodeURIComponent).join('/')}`;

/** Keeps a concept for the next visit. */
export async function keepConcept(concept: Concept): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(addressOf(concept), new Response(packConcept(concept) as BodyInit));
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
