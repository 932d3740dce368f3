import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { golden } from '../../../test/data.ts';
import { readNpy } from '../../benchmarks/features/npy.ts';
import { decodeImage } from '../../node/pixels/picture.ts';
import { type PreprocessorConfig, preprocess } from './preprocess.ts';

/** The preprocessing of the reference model. */
export const CONFIG: PreprocessorConfig = {
  resizeTo: 64,
  resize: 'shortest',
  interpolation: 'bicubic',
  toRgb: 'after resizing',
  cropTo: 64,
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

/**
 * Compares the reference pictures, preprocessed to a side in pixels, with what the released code makes of them
 * (`[10, 3, side, side]` in an .npy file): within a grey level (JPEG and WebP 3), and 0.3 on average.
 */
export async function expectGoldenPixels(side: number, file: string): Promise<void> {
  const names = JSON.parse(readFileSync(golden('images.json'), 'utf8')) as string[];
  const { data } = await readNpy(file);
  const size = 3 * side * side;
  for (const [i, name] of names.entries()) {
    const image = await decodeImage(golden(`images/${name}`));
    const pixels = preprocess(image, { ...CONFIG, resizeTo: side, cropTo: side });
    const levels = pixels.map((value, j) => {
      const std = CONFIG.std[Math.floor(j / (side * side))]!;
      return Math.abs(value - data[i * size + j]!) * std * 255;
    });
    const largest = levels.reduce((a, b) => Math.max(a, b));
    expect(largest, name).toBeLessThan(name.endsWith('.png') ? 1 : 3);
    expect(levels.reduce((sum, level) => sum + level, 0) / size, name).toBeLessThan(0.3);
  }
}
