/** Photos that stand together, below a heading of their own. */
export interface Group {
  readonly photos: number;
  /** Height of its heading, CSS pixels; 0 without one. */
  readonly heading: number;
}

/** A group of a wall, and where it stands. */
interface Section extends Group {
  /** Place of its group among those that were given. */
  readonly group: number;
  /** Place of its first photo in the list. */
  readonly start: number;
  /** Its first row: its heading, where it has one. */
  readonly row: number;
}

/** Where the photos of a wall stand: rows of squares, each group below its heading, which is a row as well. */
export interface Geometry {
  readonly columns: number;
  /** Side of a square, CSS pixels. */
  readonly side: number;
  /** Rows, the headings among them. */
  readonly rows: number;
  readonly total: number;
  readonly sections: readonly Section[];
}

/** Between two squares, CSS pixels. */
export const GAP = 6;
/** Height of the line above what hardly fits, CSS pixels. */
export const LINE = 56;
/** Height of a month's heading, CSS pixels. */
export const MONTH = 48;

// Three squares across a phone, five to seven across a screen.
const sideWanted = (width: number): number => (width < 600 ? 116 : width < 1000 ? 160 : 196);

/**
 * @param width of the wall, CSS pixels
 * @param groups in order; one without photos stands nowhere
 */
export function geometryOf(width: number, groups: readonly Group[]): Geometry {
  const columns = Math.max(2, Math.round((width + GAP) / (sideWanted(width) + GAP)));
  const side = Math.max(1, (width + GAP) / columns - GAP);
  const sections: Section[] = [];
  let rows = 0;
  let total = 0;
  for (const [group, { photos, heading }] of groups.entries()) {
    if (photos === 0) continue;
    sections.push({ group, photos, heading, start: total, row: rows });
    rows += Math.ceil(photos / columns) + (heading > 0 ? 1 : 0);
    total += photos;
  }
  return { columns, side, rows, total, sections };
}

/** Height of a row, the gap below it included. */
export const heightOf = (geometry: Geometry, row: number): number => {
  const { heading, row: first } = sectionAt(geometry, 'row', row);
  return row === first && heading > 0 ? heading : geometry.side + GAP;
};

/** The group whose heading a row is; undefined for a row of photos. */
export function headingAt(geometry: Geometry, row: number): number | undefined {
  const section = sectionAt(geometry, 'row', row);
  return section.heading > 0 && section.row === row ? section.group : undefined;
}

/** Places in the list of the photos of a row: from the first to before the last; none for a heading. */
export function photosOf(geometry: Geometry, row: number): readonly [number, number] {
  const { heading, photos, row: first, start } = sectionAt(geometry, 'row', row);
  const line = row - first - (heading > 0 ? 1 : 0);
  const from = start + Math.max(0, line) * geometry.columns;
  return [from, line < 0 ? from : Math.min(from + geometry.columns, start + photos)];
}

/** The row that a photo stands in. */
export function rowOf(geometry: Geometry, index: number): number {
  const { heading, row, start } = sectionAt(geometry, 'start', index);
  return row + (heading > 0 ? 1 : 0) + Math.floor((index - start) / geometry.columns);
}

/** The row that a group begins with; 0 where the group has no photos. */
export const rowOfGroup = ({ sections }: Geometry, group: number): number =>
  sections.find((section) => section.group === group)?.row ?? 0;

/** The group of a row. */
export const groupAt = (geometry: Geometry, row: number): number => sectionAt(geometry, 'row', row).group;

/** Where a key leads from a photo; undefined for a key that does not move. */
export function moveBy(geometry: Geometry, index: number, key: string, page: number): number | undefined {
  const last = geometry.total - 1;
  const places: Readonly<Record<string, () => number>> = {
    ArrowLeft: () => Math.max(0, index - 1),
    ArrowRight: () => Math.min(last, index + 1),
    ArrowUp: () => moveRows(geometry, index, -1),
    ArrowDown: () => moveRows(geometry, index, 1),
    PageUp: () => moveRows(geometry, index, -page),
    PageDown: () => moveRows(geometry, index, page),
    Home: () => 0,
    End: () => last,
  };
  return places[key]?.();
}

/** The photo that stands some rows of photos further, in the same column where there is one. */
function moveRows(geometry: Geometry, index: number, rows: number): number {
  let row = rowOf(geometry, index);
  const column = index - photosOf(geometry, row)[0];
  for (let left = Math.abs(rows); left > 0; ) {
    row += Math.sign(rows);
    if (row < 0) return 0;
    if (row >= geometry.rows) return geometry.total - 1;
    if (headingAt(geometry, row) === undefined) left--;
  }
  const [from, to] = photosOf(geometry, row);
  return Math.min(from + column, to - 1);
}

const NOWHERE: Section = { group: 0, photos: 0, heading: 0, start: 0, row: 0 };

/** The last section that begins at this row, or with this photo, or before it. */
function sectionAt({ sections }: Geometry, by: 'row' | 'start', place: number): Section {
  let low = 0;
  let high = sections.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sections[middle]![by] <= place) low = middle;
    else high = middle - 1;
  }
  return sections[low] ?? NOWHERE;
}
