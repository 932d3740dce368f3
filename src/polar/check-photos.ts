import { dot, type Matrix, rowsOf } from '../matrix.ts';

/** What is odd about the photos that a concept is to be learnt from. */
export interface ExampleCheck {
  /** Pairs that show nearly the same picture, so that one of them teaches nothing. */
  readonly nearDuplicates: readonly (readonly [first: number, second: number])[];
  /** Photos that look less like the others than like the library at large. */
  readonly offTopic: readonly number[];
}

// Two frames of a burst lie above this in every CLIP; two good photos of one thing lie well below.
const NEAR_DUPLICATE = 0.97;

/**
 * Checks training photos by their features alone.
 *
 * A photo is off topic when its mean cosine to the other examples is nearer to what any photo of the library has to
 * them than to what they have to each other.
 *
 * @param features `[n, P]`, unit rows
 * @param library features of photos of the library, unit rows; those that are nearly one of the examples say nothing
 *   of the rest, and without others off-topic photos cannot be told
 *
 * @example
 * ```ts
 * import { loadClip, normalizeRows } from 'polar-vl';
 * import { checkExamples } from 'polar-vl/polar';
 *
 * const clip = await loadClip('ViT-B/32');
 * const features = normalizeRows(await clip.encodeImages(['rex1.jpg', 'rex1.jpg', 'rex3.jpg']));
 * console.log(checkExamples(features, []).nearDuplicates[0]); //=> [ 0, 1 ]
 * await clip.close();
 * ```
 */
export function checkExamples(features: Matrix, library: readonly Float32Array[]): ExampleCheck {
  const n = features.rows;
  const rows = rowsOf(features);
  const nearDuplicates: [number, number][] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (dot(rows[i]!, rows[j]!) >= NEAR_DUPLICATE) nearDuplicates.push([i, j]);
    }
  }
  const rest = library.filter((photo) => rows.every((row) => dot(row, photo) < NEAR_DUPLICATE));
  const offTopic: number[] = [];
  for (let i = 0; i < n && n >= 3 && rest.length > 0; i++) {
    const others = rows.filter((_, j) => j !== i);
    const among = mean(others.flatMap((a, j) => others.slice(j + 1).map((b) => dot(a, b))));
    const background = mean(rest.map((photo) => meanCosine(photo, others)));
    if (meanCosine(rows[i]!, others) < (among + background) / 2) offTopic.push(i);
  }
  return { nearDuplicates, offTopic };
}

const meanCosine = (a: Float32Array, others: readonly Float32Array[]): number =>
  mean(others.map((b) => dot(a, b)));

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
