/** A place in a picture, in parts of its width and height. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

// Of a side: less is a click that slipped, and no picture of anything.
const SMALLEST = 0.04;

/** The box between two corners, whichever they are, inside the picture. */
export function boxOf(a: Point, b: Point) {
  const inside = (value: number) => Math.min(1, Math.max(0, value));
  const [left, right] = [a.x, b.x].map(inside).sort((one, other) => one - other) as [number, number];
  const [top, bottom] = [a.y, b.y].map(inside).sort((one, other) => one - other) as [number, number];
  const [width, height] = [right - left, bottom - top];
  return { left, top, width, height, isSmall: width < SMALLEST || height < SMALLEST };
}
