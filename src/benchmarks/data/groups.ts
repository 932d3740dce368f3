/** The indices of the items of each group, by the group's name, in one pass. */
export function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, number[]> {
  const found = new Map<Key, number[]>();
  items.forEach((item, index) => {
    const key = keyOf(item);
    const members = found.get(key);
    if (members === undefined) found.set(key, [index]);
    else members.push(index);
  });
  return found;
}

/** The indices of the items of groups 0 to `count` - 1, in one pass; a group may be empty. */
export function groups<Item>(
  items: readonly Item[],
  count: number,
  groupOf: (item: Item) => number,
): readonly (readonly number[])[] {
  const found = groupBy(items, groupOf);
  return Array.from({ length: count }, (_, group) => found.get(group) ?? []);
}
