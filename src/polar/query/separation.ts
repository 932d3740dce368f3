import type { FrozenClip } from '../../clip/index.ts';
import { rowOf } from '../../matrix.ts';
import type { Concept } from '../concept/concept.ts';
import type { Scored } from './searchable.ts';
import { encodeSentences, personalSentence } from './sentence.ts';

/** How a query ranks a concept's own photos among all others of the library. */
export interface Ranking {
  /** Rank of each own photo among the library's and its own, best first, from 1. */
  readonly ranks: readonly number[];
  /** Share of pairs (own photo, other photo) in the right order; 1 is perfect, 0.5 is chance. */
  readonly auc: number;
}

/** Whether learning worked: the same question asked with and without the concept. */
export interface Separation {
  /** Photos of the library that the concept was not learnt from. */
  readonly others: number;
  /** "An image of sks dog" with the update. */
  readonly personal: Ranking;
  /** "An image of dog" with plain CLIP ("An image of sks" where there is no class). */
  readonly plain: Ranking;
}

/**
 * Measures how well a concept separates its own photos from the library.
 *
 * @param scoreAll finds all photos of the library with a query `[P]`, in any order
 * @returns null where it came without its photos' features
 */
export async function measureSeparation(
  scoreAll: (query: Float32Array) => Promise<readonly Scored[]>,
  clip: FrozenClip,
  concept: Concept,
): Promise<Separation | null> {
  const { features } = concept;
  if (features === null) return null;
  const own = new Set(concept.photoHashes);
  const rank = async (query: Float32Array): Promise<{ ranking: Ranking; others: number }> => {
    const others = (await scoreAll(query))
      .filter((photo) => !own.has(photo.hash))
      .map((photo) => photo.score);
    const norm = Math.hypot(...query);
    const scores = Array.from({ length: features.rows }, (_, row) => {
      const feature = rowOf(features, row);
      return feature.reduce((sum, x, i) => sum + x * query[i]!, 0) / norm;
    }).sort((a, b) => b - a);
    const above = scores.map((score) => others.filter((other) => other > score).length);
    const pairs = scores.length * others.length;
    const wrong = above.reduce((sum, count) => sum + count, 0);
    return {
      ranking: { ranks: above.map((count, i) => count + i + 1), auc: pairs === 0 ? 1 : 1 - wrong / pairs },
      others: others.length,
    };
  };
  const personal = personalSentence(`An image of ${concept.name}`, [concept]);
  const plain = { text: `An image of ${concept.className ?? concept.identifier}`, concepts: [] };
  const [query, plainQuery] = await encodeSentences(clip, [personal, plain]);
  const withUpdate = await rank(query!);
  const without = await rank(plainQuery!);
  return { others: withUpdate.others, personal: withUpdate.ranking, plain: without.ranking };
}
