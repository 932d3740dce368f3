import type { ClipConfig } from './config.ts';

/**
 * Arithmetic of the image tower for one picture, in floating-point operations: per layer the four projections of the
 * attention, its two products and the two of the MLP, before them the patches.
 */
export function imageFlops({ vision }: Pick<ClipConfig, 'vision'>): number {
  const { width, mlpWidth, layers, imageSize, patchSize } = vision;
  const tokens = Math.floor(imageSize / patchSize) ** 2 + 1;
  const layer = 2 * tokens * (4 * width * width + 2 * width * mlpWidth) + 4 * tokens * tokens * width;
  return layers * layer + 2 * tokens * width * 3 * patchSize * patchSize;
}

/** Numbers in the layers of the image tower, nearly all that it holds. */
export function imageWeights({ vision }: Pick<ClipConfig, 'vision'>): number {
  const { width, mlpWidth, layers } = vision;
  return layers * (4 * width * width + 2 * width * mlpWidth);
}
