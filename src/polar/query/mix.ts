import { PolarError } from '../../errors.ts';

/** What a query is made of; all embeddings are `[P]`, of any norm. */
export interface QueryParts {
  /** A sentence, personal or not. */
  readonly text?: Float32Array | undefined;
  /** Photos that the results should look like. */
  readonly like?: readonly Float32Array[] | undefined;
  /** Sentences or photos that they should not be like. */
  readonly not?: readonly Float32Array[] | undefined;
}

// What is unwanted pushes with half the weight of what is wanted: with full weight the results turn into "anything
// but", since embeddings of one library all point much the same way.
const NOT_WEIGHT = 0.5;

/**
 * One query embedding `[P]` of unit norm: the sum of the sentence's and the wanted photos' directions, less half the
 * direction of each unwanted one.
 *
 * @example
 * ```ts
 * import { loadClip } from 'polar-vl';
 * import { mixQuery } from 'polar-vl/polar';
 *
 * const clip = await loadClip('ViT-B/32');
 * const { data: text } = await clip.encodeTexts(['a dog']);
 * const { data: photo } = await clip.encodeImages(['rex1.jpg']);
 * const { data: toy } = await clip.encodeTexts(['a toy']);
 * const query = mixQuery({ text, like: [photo], not: [toy] }); // [P], unit norm
 * console.log(query.length === clip.dimension); //=> true
 * await clip.close();
 * ```
 */
export function mixQuery({ text, like = [], not = [] }: QueryParts): Float32Array {
  const wanted = text === undefined ? like : [text, ...like];
  const [first] = wanted;
  if (first === undefined)
    throw new PolarError('nothing to search for; give a sentence, or a photo with --like');
  const sum = new Float32Array(first.length);
  const add = (part: Float32Array, weight: number): void => {
    const norm = Math.hypot(...part) || 1;
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + (weight * part[i]!) / norm;
  };
  for (const part of wanted) add(part, 1);
  for (const part of not) add(part, -NOT_WEIGHT);
  const norm = Math.hypot(...sum) || 1;
  return sum.map((x) => x / norm);
}
