import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/close.ts';
import { golden, TINY_CLIP } from '../../test/data.ts';
import { readNpy } from '../benchmarks/features/npy.ts';
import { type Matrix, matrixOf, normalizeRows, rowOf } from '../matrix.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { testGoldenTraining } from './golden-training.fixture.ts';
import { personalize } from './personalize.ts';
import { samplePrompts } from './prompts.ts';
import { PythonRandom } from './random/python.ts';

const figures = async (name: string) => (await readNpy(golden(`${name}.npy`))).data;

testGoldenTraining(32, golden(''));

describe('training', () => {
  let clip: Clip;
  let features: Matrix;
  beforeAll(async () => {
    clip = await loadClip(TINY_CLIP, { threads: 2 });
    features = matrixOf(await figures('train_image_features'), clip.dimension);
  });
  afterAll(() => clip.close());

  it('look-alikes push the text away; without them nothing changes', async () => {
    const prompts = samplePrompts(5, 'sks', new PythonRandom(0));
    const task = { prompts, features, seed: 0 };
    const options = { regWeight: 0.001, iterations: 100 };
    const lookAlikes = normalizeRows(
      matrixOf(
        features.data.map((x, i) => x + 0.1 * Math.sin(i)),
        clip.dimension,
      ),
    );
    const [plain] = await personalize(clip, [task], options);
    const none = matrixOf(new Float32Array(0), clip.dimension);
    const [same] = await personalize(clip, [{ ...task, lookAlikes: none }], options);
    expect(same!.B).toEqual(plain!.B);
    const [apart] = await personalize(clip, [{ ...task, lookAlikes }], options);
    const texts = await clip.freezeTexts(prompts);
    const likeness = async ({ A, B }: { A: Float32Array; B: Float32Array }) => {
      const { data } = normalizeRows(await clip.encodeFrozen(texts, { rank: 1, A, B }));
      return data.reduce((sum, x, i) => sum + x * lookAlikes.data[i]!, 0);
    };
    expect(await likeness(apart!)).toBeLessThan(await likeness(plain!));
  });

  it('training gives the same with one thread within 1e-5', async () => {
    const single = await loadClip(TINY_CLIP, { threads: 1 });
    const task = { prompts: samplePrompts(5, 'sks', new PythonRandom(0)), features, seed: 0 };
    const [one] = await personalize(single, [task]);
    const [two] = await personalize(clip, [task]);
    expect(relativeError(one!.B, two!.B)).toBeLessThan(1e-5);
    expect(relativeError(one!.losses, two!.losses)).toBeLessThan(1e-5);
    await single.close();
  });

  it('training trains several concepts of different sizes together as it trains each alone', async () => {
    const other = normalizeRows(
      matrixOf(
        Float32Array.from({ length: 3 * clip.dimension }, (_, i) => Math.sin(i * i)),
        clip.dimension,
      ),
    );
    const tasks = [
      { prompts: samplePrompts(5, 'sks', new PythonRandom(0)), features, seed: 0 },
      { prompts: samplePrompts(3, 'sks dog', new PythonRandom(1)), features: other, seed: 7 },
    ];
    const together = await personalize(clip, tasks, { iterations: 60 });
    for (const [i, task] of tasks.entries()) {
      const [alone] = await personalize(clip, [task], { iterations: 60 });
      expect(relativeError(together[i]!.A, alone!.A)).toBeLessThan(1e-4);
      expect(relativeError(together[i]!.B, alone!.B)).toBeLessThan(1e-4);
      expect(relativeError(together[i]!.losses, alone!.losses)).toBeLessThan(1e-5);
    }
  });

  it('training stops when it is told to, and refuses features that do not fit', async () => {
    const task = { prompts: ['sks'], features: matrixOf(rowOf(features, 0), clip.dimension), seed: 0 };
    const controller = new AbortController();
    const stopped = personalize(clip, [task], {
      signal: controller.signal,
      onIteration: (iteration) => {
        if (iteration === 3) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    await expect(personalize(clip, [{ ...task, prompts: ['sks', 'a'] }])).rejects.toThrow(
      /1 x 32 for 2 prompts/,
    );
    const broken = matrixOf(new Float32Array(clip.dimension).fill(Number.NaN), clip.dimension);
    await expect(personalize(clip, [{ ...task, features: broken }])).rejects.toThrow(/not finite/);
    const narrow = matrixOf(new Float32Array(3), 3);
    await expect(personalize(clip, [{ ...task, lookAlikes: narrow }])).rejects.toThrow(
      /look-alikes of 32 numbers; found 1 x 3/,
    );
    expect(await personalize(clip, [])).toEqual([]);
  });
});
