import { normalizeRows } from '../matrix.ts';
import { type LearnOptions, type Learnt, learnFromFeatures } from '../polar/learn.ts';
import { sha256 } from './fetch-bytes.ts';
import type { Clip } from './load-clip.ts';

/**
 * Learns a concept from photos that somebody gave to the page; nothing is sent anywhere.
 *
 * @param photos two at least (one, when adding to a concept), about five are right, more are fine
 * @throws PolarError when there are too few, or one cannot be read
 */
export async function learn(
  clip: Clip,
  name: string,
  photos: readonly Blob[],
  options: LearnOptions = {},
): Promise<Learnt> {
  const read = async () => ({
    features: normalizeRows(await clip.encodeImages(photos)),
    hashes: await Promise.all(photos.map(async (photo) => sha256(new Uint8Array(await photo.arrayBuffer())))),
  });
  return learnFromFeatures(clip, name, { count: photos.length, read }, options);
}
