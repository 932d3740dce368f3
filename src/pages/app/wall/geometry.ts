/** Where the photos of a wall stand: rows of squares, those that hardly fit below a line of their own. */
export interface Geometry {
  readonly columns: number;
  /** Side of a square, CSS pixels. */
  readonly side: number;
  /** Rows, the line among them. */
  readonly rows: number;
  /** Index of the row that is the line above what hardly fits; -1 without one. */
  readonly line: number;
  readonly total: number;
  readonly relevant: number;
}

/** Between two squares, CSS pixels. */
export const GAP = 6;
/** Height of the line, CSS pixels. */
export const LINE = 56;

// Three squares across a phone, five to seven across a screen.
const sideWanted = (width: number): number => (width < 600 ? 116 : width < 1000 ? 160 : 196);

/**
 * @param width of the wall, CSS pixels
 * @param relevant how many of the first photos fit; all where nothing was searched for
 */
export function geometryOf(width: number, total: number, relevant: number): Geometry {
  const columns = Math.max(2, Math.round((width + GAP) / (sideWanted(width) + GAP)));
  const side = Math.max(1, (width + GAP) / columns - GAP);
  const above = Math.ceil(relevant / columns);
  const hasLine = relevant < total;
  return {
    columns,
    side,
    rows: above + (hasLine ? 1 + Math.ceil((total - relevant) / columns) : 0),
    line: hasLine ? above : -1,
    total,
    relevant,
  };
}

/** Height of a row, the gap below it included. */
export const heightOf = ({ line, side }: Geometry, row: number): number => (row === line ? LINE : side + GAP);

/** Places in the list of the photos of a row: from the first to before the last. */
export function photosOf(geometry: Geometry, row: number): readonly [number, number] {
  const { columns, line, relevant, total } = geometry;
  if (row === line) return [relevant, relevant];
  if (line === -1 || row < line) {
    return [row * columns, Math.min((row + 1) * columns, line === -1 ? total : relevant)];
  }
  const start = relevant + (row - line - 1) * columns;
  return [start, Math.min(start + columns, total)];
}

/** The row that a photo stands in. */
export function rowOf({ columns, line, relevant }: Geometry, index: number): number {
  if (line === -1 || index < relevant) return Math.floor(index / columns);
  return line + 1 + Math.floor((index - relevant) / columns);
}

/** Where a key leads from a photo; undefined for a key that does not move. */
export function moveBy(geometry: Geometry, index: number, key: string, page: number): number | undefined {
  const { columns, total } = geometry;
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * page,
    PageDown: columns * page,
    Home: -index,
    End: total - 1 - index,
  };
  const step = steps[key];
  return step === undefined ? undefined : Math.min(total - 1, Math.max(0, index + step));
}
