import { describe, expect, it } from 'vitest';
import { geometryOf, heightOf, LINE, moveBy, photosOf, rowOf } from './geometry.ts';

describe('the geometry of the wall', () => {
  it('fills the width with squares, three across a phone', () => {
    const phone = geometryOf(366, 100, 100);
    expect(phone.columns).toBe(3);
    expect(phone.columns * (phone.side + 6) - 6).toBeCloseTo(366);
    expect(geometryOf(1200, 100, 100).columns).toBeGreaterThan(4);
  });

  it.each([
    [100, 100],
    [100, 7],
    [100, 0],
    [5, 5],
    [0, 0],
    [6, 6],
  ])('gives each of %i photos, %i of them relevant, one place', (total, relevant) => {
    const geometry = geometryOf(366, total, relevant);
    const seen: number[] = [];
    for (let row = 0; row < geometry.rows; row++) {
      const [start, end] = photosOf(geometry, row);
      for (let index = start; index < end; index++) {
        seen.push(index);
        expect(rowOf(geometry, index)).toBe(row);
      }
    }
    expect(seen).toEqual(Array.from({ length: total }, (_, i) => i));
  });

  it('begins what hardly fits below a line', () => {
    const geometry = geometryOf(366, 100, 7);
    expect(geometry.line).toBe(3);
    expect(heightOf(geometry, 3)).toBe(LINE);
    expect(photosOf(geometry, 2)).toEqual([6, 7]);
    expect(photosOf(geometry, 4)).toEqual([7, 10]);
  });

  it('moves by keys, and never past an end', () => {
    const geometry = geometryOf(366, 10, 10);
    expect(moveBy(geometry, 4, 'ArrowDown', 5)).toBe(7);
    expect(moveBy(geometry, 8, 'ArrowDown', 5)).toBe(9);
    expect(moveBy(geometry, 1, 'ArrowUp', 5)).toBe(0);
    expect(moveBy(geometry, 4, 'End', 5)).toBe(9);
    expect(moveBy(geometry, 4, 'Home', 5)).toBe(0);
    expect(moveBy(geometry, 4, 'a', 5)).toBeUndefined();
  });
});
