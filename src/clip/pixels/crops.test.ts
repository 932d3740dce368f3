import { expect, it } from 'vitest';
import { cropsOf } from './crops.ts';

it('the crops are the corners and the middle, and hold the pixels that lie there', () => {
  const [width, height] = [10, 5];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i % 3 === 0 ? i / 3 : 0)); // red: the place
  const original = { width: 100, height: 50 };
  const image = { width, height, channels: 3, model: 'rgb', data, original } as const;
  const crops = [...cropsOf(image)];
  expect(crops.map((crop) => [crop.width, crop.height, crop.original])).toEqual(
    Array(5).fill([6, 3, original]),
  );
  const corners = crops.map((crop) => [crop.data[0], crop.data.at(-3)]); // first and last place
  expect(corners).toEqual([
    [0, 25],
    [4, 29],
    [20, 45],
    [24, 49],
    [12, 37],
  ]);
});

it('a picture of one pixel has itself as each of its crops', () => {
  const image = { width: 1, height: 1, channels: 1, model: 'grey', data: new Uint8Array([7]) } as const;
  const crops = [...cropsOf({ ...image, original: { width: 1, height: 1 } })];
  expect(crops.map(({ data }) => [...data])).toEqual(Array(5).fill([7]));
});
