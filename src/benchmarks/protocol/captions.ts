import type { FrozenClip } from '../../clip/index.ts';
import { type Matrix, normalizeRows, rowOf } from '../../matrix.ts';
import type { ReleasedCheckpoint } from '../../polar/concept/released-checkpoint.ts';
import type { ImageCaption } from '../data/caption-file.ts';
import { groupBy } from '../data/groups.ts';
import { updateOf } from './checkpoints.ts';
import { mean } from './metrics.ts';
import { firstImages } from './similarity.ts';

/** How well captions still find their own images, with and without concepts. */
export interface CaptionEvaluation {
  /** Recall@10 of plain CLIP. */
  readonly plain: number;
  /** Recall@10 under each concept's update. */
  readonly concepts: readonly number[];
  /** Mean of `concepts`; NaN where there are none. */
  readonly mean: number;
  readonly captions: number;
  readonly images: number;
  /** Texts that stand for several images, and how many images those are: at most one of them can rank first. */
  readonly shared: { readonly texts: number; readonly images: number };
}

/** How a long evaluation is followed and stopped. */
export interface CaptionOptions {
  /** Called after each batch. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Captions, the pool that they are searched in, and the concepts that may disturb them. */
export interface EvaluateCaptionsOptions extends CaptionOptions {
  /** Image features, `[N, P]`, unit rows. */
  readonly pool: Matrix;
  readonly captions: readonly ImageCaption[];
  /** Concepts; none for plain CLIP alone. */
  readonly checkpoints: readonly ReleasedCheckpoint[];
}

const FIRST = 10;
// Texts at a time: their contexts take 20 MB at ViT-L/14 size, whatever the number of captions.
const CHUNK = 512;

/**
 * Caption recall@10: each caption must find its own image in the whole pool, once with plain CLIP and once with
 * the update of each concept. Every distinct caption goes through the frozen tower once and is compared with the
 * pool once for each concept, whatever the number of concepts and of images that share it.
 */
export async function evaluateCaptions(
  clip: FrozenClip,
  { pool, captions, checkpoints, onProgress, signal }: EvaluateCaptionsOptions,
): Promise<CaptionEvaluation> {
  const captionsOf = groupBy(captions, ({ text }) => text);
  const texts = [...captionsOf.keys()];
  const updates = [updateOf([]), ...checkpoints.map((checkpoint) => updateOf([checkpoint]))];
  const hits = updates.map(() => 0);
  for (let start = 0; start < texts.length; start += CHUNK) {
    signal?.throwIfAborted();
    const chunk = texts.slice(start, start + CHUNK);
    const frozen = await clip.freezeTexts(chunk);
    for (const [index, update] of updates.entries()) {
      signal?.throwIfAborted();
      const embeddings = normalizeRows(await clip.encodeFrozen(frozen, update));
      const first = await firstImages(clip, embeddings, pool, FIRST);
      for (const [row, text] of chunk.entries()) {
        const found = new Set(rowOf(first, row));
        // A text that stands for several images is asked for each of them.
        for (const caption of captionsOf.get(text)!) {
          if (found.has(captions[caption]!.image)) hits[index] = hits[index]! + 1;
        }
      }
    }
    onProgress?.(Math.min(start + CHUNK, texts.length), texts.length);
  }
  const [plain, ...concepts] = hits.map((count) => count / captions.length);
  const shared = [...captionsOf.values()]
    .map((list) => new Set(list.map((caption) => captions[caption]!.image)).size)
    .filter((count) => count > 1);
  return {
    plain: plain!,
    concepts,
    mean: mean(concepts),
    captions: captions.length,
    images: pool.rows,
    shared: { texts: shared.length, images: shared.reduce((sum, count) => sum + count, 0) },
  };
}
