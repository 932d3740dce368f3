import { parse } from 'node:path';

/** What most file systems allow for one name. */
const MAX_NAME_BYTES = 255;

/** As disks compare names that know no case, such as those of cameras, Windows and macOS. */
export const foldName = (name: string): string => name.normalize('NFC').toLowerCase();

/** `IMG_1.jpg`, `IMG_1 (2).jpg`, `IMG_1 (3).jpg`, …, each of at most 255 bytes. */
export function* namesLike(name: string): Generator<string> {
  const { name: stem, ext } = parse(name);
  yield name;
  for (let turn = 2; ; turn++) {
    const end = ` (${turn})${ext}`;
    const letters = Array.from(stem);
    while (Buffer.byteLength(letters.join('')) + Buffer.byteLength(end) > MAX_NAME_BYTES) letters.pop();
    yield letters.join('') + end;
  }
}

/** Names that are taken in one folder, whatever their case. */
export class TakenNames {
  readonly #names = new Map<string, string[]>();

  constructor(names: Iterable<string> = []) {
    for (const name of names) this.add(name);
  }

  add(name: string): void {
    const key = foldName(name);
    this.#names.set(key, [...(this.#names.get(key) ?? []), name]);
  }

  /** The names that stand in the way of this one. */
  like(name: string): readonly string[] {
    return this.#names.get(foldName(name)) ?? [];
  }

  /** The first free name like this one, which is taken from now on. */
  take(name: string): string {
    for (const candidate of namesLike(name)) {
      if (this.like(candidate).length > 0) continue;
      this.add(candidate);
      return candidate;
    }
    throw new RangeError('names do not end');
  }
}
