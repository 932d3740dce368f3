import type { FrozenClip } from '../clip/index.ts';
import { PolarError } from '../errors.ts';
import { dot, rowsOf, selectRows, stackRows } from '../matrix.ts';
import { tell } from '../messages.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { learnFromFeatures } from '../polar/learn.ts';
import { measureBackground, relevanceLimits } from '../polar/query/relevance.ts';
import { SAMPLE, type Scored, type Searchable } from '../polar/query/searchable.ts';
import { encodeSentence, personalSentence } from '../polar/query/sentence.ts';

/** Photos that a review asks about. */
export const REVIEW_PHOTOS = 10;

/** Answers to "Is this Rex?", and photos that are no longer to be learnt from. */
export interface Revision {
  /** Photos that show it: the hash of the file and the embedding `[P]`, unit norm. */
  readonly yes?: readonly { readonly hash: string; readonly embedding: Float32Array }[] | undefined;
  /** Embeddings `[P]`, unit norm, of photos that do not. */
  readonly no?: readonly Float32Array[] | undefined;
  /** Embeddings of {@link typicalPhotos}, which come beside the answers. */
  readonly typical?: readonly Float32Array[] | undefined;
  /** Hashes of photos that are taken out. */
  readonly without?: readonly string[] | undefined;
}

// Looked through for those near the border; further down nothing shows the thing.
const LOOK_AT = 500;
const TYPICAL = 30;
// A photo that was answered about already.
const SAME = 0.9999;

/**
 * The photos whose answer helps most: those nearest to the border between what is taken for the thing and what is not.
 *
 * @param embeddingOf embedding `[P]` of a photo that was found, unit norm
 * @returns photos, best first; those that it was learnt from, and those that were answered about, are left out
 */
export async function photosToReview<Hit extends Scored>(
  clip: FrozenClip,
  concept: Concept,
  library: Searchable<Hit>,
  embeddingOf: (hit: Hit) => Float32Array,
  top = REVIEW_PHOTOS,
): Promise<Hit[]> {
  if (library.count === 0 || concept.features === null) return [];
  const query = await encodeSentence(clip, personalSentence(`An image of ${concept.name}`, [concept]));
  const norm = Math.hypot(...query) || 1;
  const own = rowsOf(concept.features);
  const answered = [...own, ...(concept.lookAlikes === undefined ? [] : rowsOf(concept.lookAlikes))];
  const hits = (await library.search(query, LOOK_AT)).filter((hit) => {
    if (hit.at != null || concept.photoHashes.includes(hit.hash)) return false;
    const embedding = embeddingOf(hit);
    return answered.every((one) => dot(one, embedding) < SAME);
  });
  const background = measureBackground(query, await library.sample(SAMPLE));
  const { strong } = relevanceLimits(query, background, library.count, own);
  const far = ({ score }: Hit): number => Math.abs(score * norm - strong);
  return [...hits]
    .sort((a, b) => far(a) - far(b))
    .slice(0, top)
    .sort((a, b) => b.score - a.score);
}

/**
 * Photos of the library at large, to be learnt as negatives beside those that a person gave. Those near the
 * border look so much like the thing that their mean alone takes away what it is known by: on the Toybox mAP fell
 * from 60 to 8, and rose to 66 with thirty of these (bench/review.ts).
 */
export const typicalPhotos = (library: Searchable): Promise<readonly Float32Array[]> =>
  library.sample(Math.min(TYPICAL, Math.floor(library.count / 4)));

/**
 * A concept learnt again as it was learnt, with the answers of a review as examples and negatives, or without some of
 * its photos. No photo is read: embeddings are all it takes, so that it lasts about a second.
 *
 * @throws PolarError when it came without its photos' features, or too few would be left
 */
export async function revise(
  clip: FrozenClip,
  concept: Concept,
  { yes = [], no = [], typical = [], without = [] }: Revision,
  signal?: AbortSignal,
): Promise<Concept> {
  const { name, features, lookAlikes, photoHashes, className } = concept;
  if (features === null) {
    throw new PolarError(tell('concept.no-features', { name }));
  }
  const added = yes.filter(({ hash }) => !photoHashes.includes(hash));
  const kept = photoHashes.flatMap((hash, row) => (without.includes(hash) ? [] : [row]));
  const hashes = [...kept.map((row) => photoHashes[row]!), ...added.map(({ hash }) => hash)];
  const rows = [...rowsOf(selectRows(features, kept)), ...added.map(({ embedding }) => embedding)];
  const negatives = [...(lookAlikes === undefined ? [] : rowsOf(lookAlikes)), ...no];
  const { seed, regWeight, iterations, learningRate, forward } = concept;
  const { concept: revised } = await learnFromFeatures(
    clip,
    name,
    {
      count: hashes.length,
      read: async () => ({
        features: stackRows(rows, clip.dimension),
        hashes,
        lookAlikes: stackRows(negatives, clip.dimension),
        typical: stackRows(typical, clip.dimension),
      }),
    },
    { className, seed, regWeight, iterations, learningRate, forward, signal },
  );
  return revised;
}
