import type { z } from '@hono/zod-openapi';
import { isUsable } from '../app/teach.ts';
import { timeOf } from '../library/filter.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { type AppContext, examplesOf, nameOf } from './context.ts';
import type { ServedPhoto, Snapshot } from './library/live-library.ts';
import type { ConceptDetail, ConceptSummary, Hit, Photo } from './schemas.ts';

/** A photo as it goes over the wire: without its place on the disk. */
export function toPhoto(photo: ServedPhoto): z.infer<typeof Photo> {
  const { id, width, height, taken, dateFrom, at } = photo;
  return { id, name: nameOf(photo), width, height, taken, dateFrom, at };
}

/** A photo that was found. */
export const toHit = (
  found: Parameters<typeof toPhoto>[0] & Pick<z.infer<typeof Hit>, 'score' | 'relevance' | 'copies'>,
): z.infer<typeof Hit> => {
  const { score, relevance, copies } = found;
  return { ...toPhoto(found), score, relevance, copies };
};

/** How many photos each month has; photos newest first. */
export function countByMonth(photos: readonly ServedPhoto[]): { month: string; photos: number }[] {
  const months: { month: string; photos: number }[] = [];
  let start = Number.POSITIVE_INFINITY; // of the month that is counted
  for (const photo of photos) {
    const time = timeOf(photo);
    if (time < start) {
      const date = new Date(time);
      start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
      months.push({ month: date.toISOString().slice(0, 7), photos: 0 });
    }
    months.at(-1)!.photos++;
  }
  return months;
}

export async function toSummary(
  context: AppContext,
  snapshot: Snapshot,
  concept: Concept,
): Promise<z.infer<typeof ConceptSummary>> {
  const { clip } = context;
  const { name, className, identifier, modelId, created, photoHashes } = concept;
  const examples = await examplesOf(context, snapshot, concept);
  return {
    name,
    className,
    identifier,
    photos: photoHashes.length,
    model: modelId,
    created,
    usable: isUsable(concept, clip),
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
