import type { z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { PolarError } from '../errors.ts';
import { rowOf } from '../matrix.ts';
import { requireSameModel } from '../polar/concept/concept.ts';
import { mixQuery } from '../polar/query/mix.ts';
import { measureBackground, relevanceJudge } from '../polar/query/relevance.ts';
import { encodeSentence, personalSentence } from '../polar/query/sentence.ts';
import { type AppContext, NO_PHOTO } from './context.ts';
import { toPhoto } from './describe.ts';
import type { Snapshot } from './live-library.ts';
import type { SearchQuery, SearchResult } from './schemas.ts';

// Nobody looks further for what may be meant.
const COUNT_RELEVANT = 1000;

/**
 * Answers a search of the page.
 *
 * @throws PolarError when there is nothing to search for
 */
export async function search(
  context: AppContext,
  query: z.output<typeof SearchQuery>,
): Promise<z.infer<typeof SearchResult>> {
  const started = performance.now();
  const { clip, library } = context;
  library.refreshSoon();
  const sentence = query.sentence.trim();
  if (sentence === '' && query.like.length === 0) {
    throw new PolarError('nothing to search for; say what the photo shows, or give photos that it is like');
  }
  const known = query.plain
    ? []
    : (await context.concepts.list()).filter((concept) => isUsable(clip, concept));
  const personal = personalSentence(sentence, known);
  const text = personal.text === '' ? undefined : (await encodeSentence(clip, personal)).data;
  return library.use(async (snapshot) => {
    const embeddings = (ids: readonly string[]) => ids.map((id) => embeddingOf(snapshot, id));
    const vector = mixQuery({ text, like: embeddings(query.like), not: embeddings(query.not) });
    const top = Math.max(query.offset + query.limit, COUNT_RELEVANT);
    const found = await snapshot.search(vector, top);
    const own = personal.concepts.flatMap(({ features }) =>
      features === null ? [] : Array.from({ length: features.rows }, (_, row) => rowOf(features, row)),
    );
    const judge = relevanceJudge(
      vector,
      measureBackground(vector, snapshot.sample),
      snapshot.photos.length,
      own,
    );
    return {
      total: snapshot.photos.length,
      version: snapshot.version,
      text: personal.text,
      concepts: personal.concepts.map(({ name }) => name),
      relevant: found.slice(0, COUNT_RELEVANT).filter(({ score }) => judge(score) !== 'weak').length,
      milliseconds: performance.now() - started,
      photos: found
        .slice(query.offset, query.offset + query.limit)
        .map((photo) => ({ ...toPhoto(photo), score: photo.score, relevance: judge(photo.score) })),
    };
  });
}

function embeddingOf(snapshot: Snapshot, id: string): Float32Array {
  const photo = snapshot.byId.get(id);
  if (photo === undefined) throw new HTTPException(404, { message: NO_PHOTO });
  return snapshot.embeddingOf(photo);
}

function isUsable(clip: AppContext['clip'], concept: Parameters<typeof requireSameModel>[0]): boolean {
  try {
    requireSameModel(concept, clip);
    return true;
  } catch {
    return false;
  }
}
