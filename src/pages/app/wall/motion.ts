// Long enough to follow a photo with the eyes.
const MOVE = { duration: 650, easing: 'cubic-bezier(0.3, 0, 0.1, 1)' };

interface Seen {
  readonly node: HTMLElement;
  /** Of the window, CSS pixels. */
  readonly box: DOMRect;
}

/** Visible tiles of a wall, by photo id. */
export type Sight = ReadonlyMap<string, Seen>;

/** Remembers where the tiles stand, before they are put in another order. */
export function look(wall: HTMLElement): Sight {
  const seen = new Map<string, Seen>();
  for (const node of wall.querySelectorAll<HTMLElement>(':scope > [data-id]')) {
    const box = node.getBoundingClientRect();
    if (box.bottom > 0 && box.top < innerHeight) seen.set(node.dataset.id!, { node, box });
  }
  return seen;
}

/**
 * Moves the tiles from where they stood to where they stand now: each along a line, those that come up from below the
 * window, those that leave down to it. Visitors who want no motion see the new order at once.
 *
 * @param leaving where copies of tiles that are gone may be put for a moment
 */
export function move(wall: HTMLElement, leaving: HTMLElement, before: Sight): void {
  if (before.size === 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const origin = wall.getBoundingClientRect();
  const at = (left: number, top: number) => `translate(${left - origin.left}px, ${top - origin.top}px)`;
  const after = look(wall);
  for (const [id, { node, box }] of after) {
    const from = before.get(id)?.box;
    const to = at(box.left, box.top);
    if (from === undefined) node.animate([{ transform: at(box.left, innerHeight) }, { transform: to }], MOVE);
    else if (from.left !== box.left || from.top !== box.top) {
      node.animate([{ transform: at(from.left, from.top) }, { transform: to }], MOVE);
    }
  }
  for (const [id, { node, box }] of before) {
    if (after.has(id)) continue;
    const copy = node.cloneNode(true) as HTMLElement;
    copy.removeAttribute('data-id');
    leaving.append(copy);
    const down = { transform: at(box.left, innerHeight), opacity: 0 };
    const end = copy.animate([{ transform: at(box.left, box.top), opacity: 1 }, down], MOVE);
    end.finished.finally(() => copy.remove()).catch(() => {});
  }
}
