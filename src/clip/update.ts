import { PolarError } from '../errors.ts';

/** A low-rank update `sum_r B_r A_r` of the last value projection; one concept is rank one. */
export interface Update {
  /** R; 0 is plain CLIP. */
  readonly rank: number;
  /** `[R, D]`, rows of unit norm. */
  readonly A: Float32Array;
  /** `[R, D]`; row r is column r of the method's B. */
  readonly B: Float32Array;
}

/**
 * The update of several concepts at once: rows of A and columns of B one below the other, that is, the sum of
 * the concepts' updates. No concept gives the update of rank 0.
 *
 * @example
 * ```ts
 * import { learn, loadClip } from 'polar-vl';
 * import { composeUpdates } from 'polar-vl/clip';
 *
 * const clip = await loadClip('ViT-B/32');
 * const { concept } = await learn(clip, 'Rex', ['rex1.jpg', 'rex2.jpg'], { iterations: 10 });
 * // Texts go through the tower once, whatever the number of concepts that they are asked with.
 * const texts = await clip.freezeTexts(['sks on the beach', 'sks in the snow']);
 * const personal = await clip.encodeFrozen(texts, composeUpdates([concept])); // [2, P]
 * const plain = await clip.encodeFrozen(texts); // [2, P]
 * console.log(personal.rows === plain.rows); //=> true
 * await clip.close();
 * ```
 */
export function composeUpdates(
  concepts: readonly { readonly A: Float32Array; readonly B: Float32Array }[],
): Update {
  const join = (parts: readonly Float32Array[]): Float32Array => {
    const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  };
  const width = concepts[0]?.A.length ?? 0;
  for (const { A, B } of concepts) {
    if (A.length !== width || B.length !== width) {
      throw new PolarError(
        `concepts of different widths (${width} and ${Math.max(A.length, B.length)}) cannot be combined; learn them with the same model`,
        'wrong-model',
      );
    }
  }
  return {
    rank: concepts.length,
    A: join(concepts.map((concept) => concept.A)),
    B: join(concepts.map((concept) => concept.B)),
  };
}
