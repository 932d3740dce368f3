import type { FrozenClip } from '../../clip/index.ts';
import { type Matrix, normalizeRows, selectRows } from '../../matrix.ts';
import type { ReleasedCheckpoint } from '../../polar/concept/released-checkpoint.ts';
import type { ImageCaption } from '../data/caption-file.ts';
import { updateOf } from './checkpoints.ts';
import { mean } from './metrics.ts';
import { ownRanks } from './similarity.ts';

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

export interface CaptionOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const FIRST = 10;
// Texts at a time: their contexts take 20 MB at ViT-L/14 size, whatever the number of captions.
const CHUNK = 512;

/**
 * Caption recall@10: each caption must find its own image in the whole pool, once with plain CLIP and once with
 * the update of each concept. Every distinct caption goes through the frozen tower once, whatever the number of
 * concepts.
 *
 * @param pool image features `[N, P]`, unit rows
 */
export async function evaluateCaptions(
  clip: FrozenClip,
  pool: Matrix,
  captions: readonly ImageCaption[],
  checkpoints: readonly ReleasedCheckpoint[],
  { onProgress, signal }: CaptionOptions = {},
): Promise<CaptionEvaluation> {
  const images = new Map<string, number[]>();
  for (const { text, image } of captions) images.set(text, [...(images.get(text) ?? []), image]);
  const texts = [...images.keys()];
  const updates = [updateOf([]), ...checkpoints.map((checkpoint) => updateOf([checkpoint]))];
  const hits = updates.map(() => 0);
  for (let start = 0; start < texts.length; start += CHUNK) {
    signal?.throwIfAborted();
    const chunk = texts.slice(start, start + CHUNK);
    const frozen = await clip.freezeTexts(chunk);
    // A text that stands for several images is asked for each of them.
    const own = chunk.flatMap((text) => images.get(text)!);
    const rows = chunk.flatMap((text, row) => images.get(text)!.map(() => row));
    for (const [index, update] of updates.entries()) {
      signal?.throwIfAborted();
      const embeddings = selectRows(normalizeRows(await clip.encodeFrozen(frozen, update)), rows);
      const ranks = await ownRanks(clip, embeddings, pool, own);
      hits[index] = hits[index]! + ranks.reduce((sum, rank) => sum + (rank <= FIRST ? 1 : 0), 0);
    }
    onProgress?.(Math.min(start + CHUNK, texts.length), texts.length);
  }
  const [plain, ...concepts] = hits.map((count) => count / captions.length);
  const shared = [...images.values()].map((list) => new Set(list).size).filter((count) => count > 1);
  return {
    plain: plain!,
    concepts,
    mean: mean(concepts),
    captions: captions.length,
    images: pool.rows,
    shared: { texts: shared.length, images: shared.reduce((sum, count) => sum + count, 0) },
  };
}
