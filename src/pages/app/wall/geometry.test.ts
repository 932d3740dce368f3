import { describe, expect, it } from 'vitest';
import {
  type Group,
  geometryOf,
  groupAt,
  headingAt,
  heightOf,
  LINE,
  MONTH,
  moveBy,
  photosOf,
  rowOf,
  rowOfGroup,
} from './geometry.ts';

const found = (total: number, relevant: number): Group[] => [
  { photos: relevant, heading: 0 },
  { photos: total - relevant, heading: LINE },
];
const months = (...photos: number[]): Group[] => photos.map((n) => ({ photos: n, heading: MONTH }));

describe('the geometry of the wall', () => {
  it('fills the width with squares, three across a phone', () => {
    const phone = geometryOf(366, found(100, 100));
    expect(phone.columns).toBe(3);
    expect(phone.columns * (phone.side + 6) - 6).toBeCloseTo(366);
    expect(geometryOf(1200, found(100, 100)).columns).toBeGreaterThan(4);
  });

  it.each([
    ['100 photos, all of them found', found(100, 100)],
    ['100 photos, 7 of them found', found(100, 7)],
    ['100 photos, none of them found', found(100, 0)],
    ['5 photos', found(5, 5)],
    ['no photos', found(0, 0)],
    ['6 photos, that fill two rows', found(6, 6)],
    ['photos of four months', months(4, 1, 6, 20)],
    ['photos of one month', months(7)],
  ])('the geometry of the wall gives each of %s one place', (_, groups) => {
    const geometry = geometryOf(366, groups);
    const seen: number[] = [];
    for (let row = 0; row < geometry.rows; row++) {
      const [start, end] = photosOf(geometry, row);
      expect(end > start).toBe(headingAt(geometry, row) === undefined);
      for (let index = start; index < end; index++) {
        seen.push(index);
        expect(rowOf(geometry, index)).toBe(row);
      }
    }
    expect(geometry.total).toBe(groups.reduce((sum, { photos }) => sum + photos, 0));
    expect(seen).toEqual(Array.from({ length: geometry.total }, (_, i) => i));
  });

  it('the geometry of the wall begins what hardly fits below a line', () => {
    const geometry = geometryOf(366, found(100, 7));
    expect(headingAt(geometry, 3)).toBe(1);
    expect(heightOf(geometry, 3)).toBe(LINE);
    expect(photosOf(geometry, 2)).toEqual([6, 7]);
    expect(photosOf(geometry, 4)).toEqual([7, 10]);
  });

  it('the geometry of the wall begins each month below its heading', () => {
    const geometry = geometryOf(366, months(4, 1, 6));
    const rows = Array.from({ length: geometry.rows }, (_, row) => headingAt(geometry, row));
    expect(rows).toEqual([0, undefined, undefined, 1, undefined, 2, undefined, undefined]);
    expect(heightOf(geometry, 3)).toBe(MONTH);
    expect(photosOf(geometry, 4)).toEqual([4, 5]);
    expect(rowOfGroup(geometry, 2)).toBe(5);
    expect(groupAt(geometry, 2)).toBe(0);
    expect(groupAt(geometry, 6)).toBe(2);
  });

  it('moves by keys, and never past an end', () => {
    const geometry = geometryOf(366, found(10, 10));
    expect(moveBy(geometry, 4, 'ArrowDown', 5)).toBe(7);
    expect(moveBy(geometry, 8, 'ArrowDown', 5)).toBe(9);
    expect(moveBy(geometry, 1, 'ArrowUp', 5)).toBe(0);
    expect(moveBy(geometry, 4, 'End', 5)).toBe(9);
    expect(moveBy(geometry, 4, 'Home', 5)).toBe(0);
    expect(moveBy(geometry, 4, 'PageDown', 5)).toBe(9);
    expect(moveBy(geometry, 4, 'a', 5)).toBeUndefined();
  });

  it('moves up and down over headings, in the same column where the row has one', () => {
    const geometry = geometryOf(366, months(4, 1, 6)); // 0-2, 3 | 4 | 5-7, 8-10
    expect(moveBy(geometry, 2, 'ArrowDown', 5)).toBe(3);
    expect(moveBy(geometry, 3, 'ArrowDown', 5)).toBe(4);
    expect(moveBy(geometry, 6, 'ArrowUp', 5)).toBe(4);
    expect(moveBy(geometry, 6, 'ArrowDown', 5)).toBe(9);
    expect(moveBy(geometry, 1, 'PageDown', 3)).toBe(6);
  });
});
