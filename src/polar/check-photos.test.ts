import { expect, it } from 'vitest';
import { matrixOf, normalizeRows } from '../matrix.ts';
import { checkExamples } from './check-photos.ts';

/** Unit vectors in three dimensions from their parts. */
const features = (...rows: number[][]) => normalizeRows(matrixOf(Float32Array.from(rows.flat()), 3));
const library = [
  [0, 1, 0],
  [0, 0, 1],
  [0, 1, 1],
].map((row) => features(row).data);

it('finds the example that looks like the library and not like the others', () => {
  const check = checkExamples(features([1, 0.2, 0], [1, -0.2, 0.2], [0, 0.9, 0.5], [1, 0, -0.3]), library);
  expect(check).toEqual({ nearDuplicates: [], offTopic: [2] });
});

it('finds two that are nearly the same picture', () => {
  const check = checkExamples(features([1, 0, 0], [1, 0.5, 0], [1, 0.01, 0]), library);
  expect(check).toEqual({ nearDuplicates: [[0, 2]], offTopic: [] });
});

it('says nothing against a good set, and nothing about topics without a library', () => {
  const good = features([1, 0.3, 0], [1, 0, 0.3], [1, -0.3, 0]);
  expect(checkExamples(good, library)).toEqual({ nearDuplicates: [], offTopic: [] });
  expect(checkExamples(features([1, 0, 0], [0, 1, 0], [0, 0, 1]), []).offTopic).toEqual([]);
});
