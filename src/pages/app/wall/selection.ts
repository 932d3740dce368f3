import { computed, signal } from '@preact/signals';
import { say } from '../../words/say.ts';
import type { PhotoList, Tile } from './photo-list.ts';

/** As many as the server takes at once. */
export const MOST_SELECTED = 1000;

/** The selected photos by their ids, in the order in which they were selected. */
export const selected = signal<ReadonlyMap<string, Tile>>(new Map());

/** Whether a click in the wall selects, since something is selected already. */
export const isSelecting = computed(() => selected.value.size > 0);

// Place of the photo that a range begins with, and what was selected before the range.
let anchor = 0;
let before: ReadonlyMap<string, Tile> = selected.value;

export const isSelected = (id: string): boolean => selected.value.has(id);

/** Selects a photo, or does not select it any more; the next range begins with it. */
export function toggleSelected(photo: Tile, index: number): void {
  anchor = index;
  const next = new Map(selected.value);
  if (!next.delete(photo.id)) next.set(photo.id, photo);
  select(next);
  before = next;
}

/**
 * Selects the photos from the one that was selected last to another, in the place of those of an earlier range.
 *
 * @throws Error when they would be too many
 */
export async function selectTo(list: PhotoList, index: number): Promise<void> {
  if (!isSelecting.value) [anchor, before] = [index, selected.value];
  const range = await list.slice(Math.min(anchor, index), Math.max(anchor, index) + 1);
  select(new Map([...before, ...range.map((photo): [string, Tile] => [photo.id, photo])]));
}

/** Selects nothing any more. */
export function clearSelection(): void {
  if (isSelecting.value) selected.value = new Map();
}

function select(photos: ReadonlyMap<string, Tile>): void {
  if (photos.size > MOST_SELECTED) throw new RangeError(say('select.most', { most: MOST_SELECTED }));
  selected.value = photos;
}
