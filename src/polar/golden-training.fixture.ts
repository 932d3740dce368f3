import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { relativeError } from '../../test/close.ts';
import { readNpy } from '../benchmarks/features/npy.ts';
import { matrixOf } from '../matrix.ts';
import { loadClip } from '../node/load-clip.ts';
import { personalize } from './personalize.ts';
import { samplePrompts } from './prompts.ts';
import { PythonRandom } from './random/python.ts';
import { kaimingUniformA } from './random/torch.ts';

interface GoldenTraining {
  prompts: string[];
  loss: number[];
}

/**
 * Registers the tests that repeat two training runs of the released code, loss by loss.
 *
 * @param width of the text tower, for the tests' names
 * @param reference folder of the figures, with the model in `tiny-clip`
 */
export function testGoldenTraining(width: number, reference: string): void {
  const figures = async (name: string) => (await readNpy(join(reference, `${name}.npy`))).data;

  it.each(['released', 'exact'] as const)(
    `training at width ${width} repeats the %s run of the released code from the seed alone`,
    async (forward) => {
      const run = JSON.parse(
        readFileSync(join(reference, `train_${forward}.json`), 'utf8'),
      ) as GoldenTraining;
      const clip = await loadClip(join(reference, 'tiny-clip'), { threads: 2 });
      const features = matrixOf(await figures('train_image_features'), clip.dimension);
      const prompts = samplePrompts(5, 'sks', new PythonRandom(0));
      expect(prompts).toEqual(run.prompts);
      expect(kaimingUniformA(0, clip.width)).toEqual(await figures(`train_${forward}_A0`));
      const [learnt] = await personalize(clip, [{ prompts, features, seed: 0 }], { forward });
      for (const [i, loss] of run.loss.entries()) {
        expect(Math.abs(learnt!.losses[i]! - loss) / loss, `loss ${i}`).toBeLessThan(1e-5);
      }
      expect(relativeError(learnt!.A, await figures(`train_${forward}_A`))).toBeLessThan(1e-3);
      expect(relativeError(learnt!.B, await figures(`train_${forward}_B`))).toBeLessThan(1e-3);
      await clip.close();
    },
  );
}
