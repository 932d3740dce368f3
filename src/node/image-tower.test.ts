import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GraphSession } from '../clip/graphs/graph-session.ts';
import { buildImageGraph } from '../clip/graphs/image.ts';
import { ImageTower } from '../clip/image-tower.ts';
import { type Clip, loadClip } from './load-clip.ts';

let clip: Clip;
beforeAll(async () => {
  clip = await loadClip('toybox');
});
afterAll(() => clip.close());

const pictures = (count: number) => {
  const side = clip.config.vision.imageSize;
  const data = Float32Array.from({ length: count * 3 * side * side }, (_, i) => Math.sin(i));
  return [data, [count, 3, side, side]] as const;
};

it('few pictures take the weights as they are stored; from the seventeenth on they are prepacked, for good', async () => {
  const opened: { isPrepacked: boolean; released: number }[] = [];
  const open = async (isPrepacked: boolean): Promise<GraphSession> => {
    const one = { isPrepacked, released: 0 };
    const name = `tower ${opened.push(one)}`;
    const session = await clip.openGraph(name, buildImageGraph, { prepack: isPrepacked, heavy: true });
    return { run: (feeds) => session.run(feeds), release: async () => void one.released++ };
  };
  const { vision } = clip.config;
  const large = { ...clip.config, vision: { ...vision, width: 1024, mlpWidth: 4096, layers: 24 } };
  const tower = new ImageTower(large, open);
  const expected = (await clip.encodePixels(pictures(2)[0], 2)).data;
  const near = (values: Float32Array) => {
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
  };
  const [first, second] = await Promise.all([
    tower.run(...pictures(2), 2),
    tower.run(...pictures(2), 100), // while the other one is under way
  ]);
  near(first);
  near(second);
  near(await tower.run(...pictures(2), 2));
  expect(opened).toEqual([
    { isPrepacked: false, released: 1 },
    { isPrepacked: true, released: 0 },
  ]);
  await tower.close();
  expect(opened.map(({ released }) => released)).toEqual([1, 1]);

  opened.length = 0;
  const slow = new ImageTower(large, open);
  for (let i = 0; i < 3; i++) await slow.run(...pictures(8), 8);
  expect(opened.map(({ isPrepacked }) => isPrepacked)).toEqual([false, true]);
  await slow.close();
});
