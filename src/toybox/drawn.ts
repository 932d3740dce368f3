/** Height of the pictures that the Toybox draws, pixels. */
export const HEIGHT = 240;

/** Their widths, pixels. */
export const WIDTHS = [320, 320, 360, 240] as const;

/** Whether a picture has the size of the Toybox's drawings; every camera's photo is larger. */
export const hasDrawnSize = ({
  width,
  height,
}: {
  readonly width: number;
  readonly height: number;
}): boolean => height === HEIGHT && WIDTHS.some((one) => one === width);

/** The condition on a table of photos that leaves out those of that size. */
export const SQL_NOT_DRAWN = `NOT (height = ${HEIGHT} AND width IN (${[...new Set(WIDTHS)].join(', ')}))`;
