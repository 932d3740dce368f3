import type { z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { ask } from '../app/ask.ts';
import { fits } from '../library/filter.ts';
import type { InMemoryFilter } from '../library/in-memory.ts';
import { type AppContext, NO_PHOTO } from './context.ts';
import { toHit } from './describe.ts';
import type { Snapshot } from './library/live-library.ts';
import { toMessage } from './router.ts';
import type { SearchQuery, SearchResult } from './schemas.ts';

// Nobody looks further for what may be meant.
const COUNT_RELEVANT = 1000;

/**
 * Answers a search of the page.
 *
 * @throws PolarError when there is nothing to search for, or a concept of another model is named
 */
export async function search(
  context: AppContext,
  query: z.output<typeof SearchQuery>,
): Promise<z.infer<typeof SearchResult>> {
  const started = performance.now();
  const { clip, library } = context;
  library.refreshSoon();
  const concepts = await context.listConcepts();
  return library.use(async (snapshot) => {
    const { offset, limit, sentence, plain } = query;
    const embeddings = (ids: readonly string[]) => ids.map((id) => embeddingOf(snapshot, id));
    const not = [...embeddings(query.not), ...query.without];
    const question = { sentence, like: embeddings(query.like), not };
    const filter = filterOf(query);
    const top = Math.max(offset + limit, COUNT_RELEVANT);
    const answer = await ask(clip, snapshot, question, {
      concepts,
      top,
      plain,
      filter,
      encode: context.encode,
    });
    return {
      total: filter === undefined ? snapshot.byHash.size : countOnce(snapshot.photos.filter(filter)), // copies stand once
      version: snapshot.version,
      text: answer.text,
      concepts: plain ? [] : answer.concepts.map(({ name }) => name),
      notes: answer.notes.map(toMessage),
      absent: answer.absent,
      relevant: answer.hits.slice(0, COUNT_RELEVANT).filter(({ relevance }) => relevance !== 'weak').length,
      milliseconds: performance.now() - started,
      photos: answer.hits.slice(offset, offset + limit).map(toHit),
    };
  });
}

/** Which photos are wanted, by their date and place; undefined for all. */
export function filterOf({ after, before, folder }: Filters): InMemoryFilter | undefined {
  if (after === undefined && before === undefined && folder === undefined) return undefined;
  return (photo) => fits(photo, { after, before, folder });
}

type Filters = Pick<z.output<typeof SearchQuery>, 'after' | 'before' | 'folder'>;

const countOnce = (photos: readonly { readonly hash: string }[]): number =>
  new Set(photos.map(({ hash }) => hash)).size;

function embeddingOf(snapshot: Snapshot, id: string): Float32Array {
  const photo = snapshot.byId.get(id);
  if (photo === undefined) throw new HTTPException(404, { message: NO_PHOTO });
  return snapshot.embeddingOf(photo);
}
