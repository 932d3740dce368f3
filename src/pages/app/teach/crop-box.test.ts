import { expect, it } from 'vitest';
import { boxOf } from './crop-box.ts';

it('a box lies between its corners and inside the picture, in whichever direction it was drawn', () => {
  expect(boxOf({ x: 0.75, y: 0.5 }, { x: 0.25, y: 0.25 })).toEqual({
    left: 0.25,
    top: 0.25,
    width: 0.5,
    height: 0.25,
    isSmall: false,
  });
  expect(boxOf({ x: 0.5, y: 0.5 }, { x: 2, y: -1 })).toMatchObject({
    left: 0.5,
    top: 0,
    width: 0.5,
    height: 0.5,
  });
  expect(boxOf({ x: 0.5, y: 0.5 }, { x: 0.51, y: 0.9 }).isSmall).toBe(true);
});
