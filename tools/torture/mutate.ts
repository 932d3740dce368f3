/** Numbers in [0, 1) from a seed (mulberry32), the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const NASTY_NUMBERS = ['-1', '0', '0.5', '-1.5', '1e308', '-0', '9007199254740990', '4294967296', '1e-320'];
const NASTY_VALUES = [
  ...NASTY_NUMBERS,
  ...['null', 'true', '""', '[]', '{}', '"\\u001b[2J"', '"../../../../x"', '"(a+)+$"'],
  `"${'a'.repeat(10_000)}"`,
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `[${'0,'.repeat(20_000)}0]`,
];

/** One damaged copy of a sound file: bytes flipped, cut, repeated or put in, or values of its JSON replaced. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  let result: Buffer = Buffer.from(bytes);
  for (let change = 0, changes = 1 + below(3); change < changes; change++) {
    const at = below(result.length + 1);
    const length = 1 + below(random() < 0.5 ? 8 : 4096);
    const edits: (() => Buffer)[] = [
      () => {
        const flipped = Buffer.from(result);
        for (let i = 0; i < 1 + below(8); i++)
          flipped[below(flipped.length)] = pick([0, 1, 127, 128, 255, below(256)]);
        return flipped;
      },
      () => result.subarray(0, at),
      () => Buffer.concat([result.subarray(0, at), result.subarray(at + length)]),
      () => Buffer.concat([result.subarray(0, at), result.subarray(at, at + length), result.subarray(at)]),
      () => Buffer.concat([result.subarray(0, at), Buffer.alloc(length, below(256)), result.subarray(at)]),
      () => replaceValue(result, pick(NASTY_VALUES), below),
      () => replaceValue(result, pick(NASTY_NUMBERS), below),
    ];
    result = pick(edits)();
  }
  return new Uint8Array(result);
}

/** Puts another value in the place of a number, text or word, wherever the file holds something like JSON. */
function replaceValue(bytes: Buffer, value: string, below: (count: number) => number): Buffer {
  const text = bytes.toString('latin1');
  const found = [...text.slice(0, 200_000).matchAll(/-?\d+(?:\.\d+)?|"[^"\n]{0,200}"|true|false|null/g)];
  const target = found[below(found.length)];
  if (target === undefined) return bytes;
  return Buffer.from(
    text.slice(0, target.index) + value + text.slice(target.index + target[0].length),
    'latin1',
  );
}
