import type { z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { ask } from '../app/ask.ts';
import { type AppContext, NO_PHOTO } from './context.ts';
import { toPhoto } from './describe.ts';
import type { Snapshot } from './library/live-library.ts';
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
    const question = { sentence, like: embeddings(query.like), not: embeddings(query.not) };
    const top = Math.max(offset + limit, COUNT_RELEVANT);
    const answer = await ask(clip, concepts, snapshot, question, { top, plain, encode: context.encode });
    return {
      total: snapshot.byHash.size, // copies stand once
      version: snapshot.version,
      text: answer.text,
      concepts: plain ? [] : answer.concepts.map(({ name }) => name),
      notes: [...answer.notes],
      relevant: answer.hits.slice(0, COUNT_RELEVANT).filter(({ relevance }) => relevance !== 'weak').length,
      milliseconds: performance.now() - started,
      photos: answer.hits
        .slice(offset, offset + limit)
        .map((hit) => ({ ...toPhoto(hit), score: hit.score, relevance: hit.relevance, copies: hit.copies })),
    };
  });
}

function embeddingOf(snapshot: Snapshot, id: string): Float32Array {
  const photo = snapshot.byId.get(id);
  if (photo === undefined) throw new HTTPException(404, { message: NO_PHOTO });
  return snapshot.embeddingOf(photo);
}
