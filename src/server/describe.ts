import type { z } from '@hono/zod-openapi';
import type { Concept } from '../polar/concept/concept.ts';
import { measureSeparation, type Separation } from '../polar/query/separation.ts';
import { type AppContext, examplesOf, nameOf } from './context.ts';
import type { ServedPhoto, Snapshot } from './live-library.ts';
import type { ConceptDetail, ConceptSummary, Photo, Quality } from './schemas.ts';

/** A photo as it goes over the wire: without its place on the disk. */
export function toPhoto({ id, path, width, height, taken }: ServedPhoto): z.infer<typeof Photo> {
  return { id, name: nameOf(path), width, height, taken };
}

export async function toSummary(
  context: AppContext,
  snapshot: Snapshot,
  concept: Concept,
): Promise<z.infer<typeof ConceptSummary>> {
  const { clip } = context;
  const { name, className, identifier, modelId, revision, created, photoHashes } = concept;
  const examples = await examplesOf(context, snapshot, concept);
  return {
    name,
    className,
    identifier,
    photos: photoHashes.length,
    model: modelId,
    created,
    usable: modelId === clip.id && revision === clip.revision && concept.A.length === clip.width,
    cover: examples.find((example) => example !== null)?.id ?? null,
  };
}

export async function toDetail(
  context: AppContext,
  snapshot: Snapshot,
  concept: Concept,
): Promise<z.infer<typeof ConceptDetail>> {
  const { iterations, regWeight, seed } = concept;
  return {
    ...(await toSummary(context, snapshot, concept)),
    examples: await examplesOf(context, snapshot, concept),
    iterations,
    regWeight,
    seed,
  };
}

/** How well a concept separates its photos from the library; null where that cannot be told. */
export async function toQuality(
  { clip }: AppContext,
  snapshot: Snapshot,
  concept: Concept,
): Promise<z.infer<typeof Quality> | null> {
  if (snapshot.photos.length === 0 || concept.features === null) return null;
  const scoreAll = (query: Float32Array) => snapshot.search(query, snapshot.photos.length);
  const separation = await measureSeparation(scoreAll, clip, concept);
  if (separation === null) return null;
  const photos = concept.features.rows;
  const ranking = ({ ranks, auc }: Separation['personal']) => ({
    first: ranks.filter((rank) => rank <= photos).length,
    auc,
  });
  return {
    photos,
    others: separation.others,
    personal: ranking(separation.personal),
    plain: ranking(separation.plain),
  };
}
