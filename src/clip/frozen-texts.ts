/**
 * How the last layer treats a concept's update. `exact` is CLIP's own attention; `released` is what the
 * released POLAR code trains with: attention averaged over the heads and no value bias.
 */
export const FORWARDS = ['released', 'exact'] as const;
/** One of {@link FORWARDS}. */
export type Forward = (typeof FORWARDS)[number];

/** What a forward pass of the last layer starts from; H is 1 for the released forward. */
export interface AttentionRow {
  /** Heads that share one context each. */
  readonly heads: number;
  /** c_h, `[N, heads, D]`. */
  readonly contexts: Float32Array;
  /** The frozen value that goes into the output projection, `[N, D]`. */
  readonly value: Float32Array;
}

/** Texts after their one pass through the frozen text tower, read at the end-of-text row of the last layer. */
export interface FrozenTexts {
  /** N */
  readonly count: number;
  /** D */
  readonly width: number;
  /** Input of the last layer, `[N, D]`. */
  readonly residual: Float32Array;
  readonly exact: AttentionRow;
  readonly released: AttentionRow;
}

/** The texts at `indices`, in that order (an index may come twice). */
export function selectTexts(frozen: FrozenTexts, indices: readonly number[]): FrozenTexts {
  const gather = (from: Float32Array, size: number): Float32Array => {
    const to = new Float32Array(indices.length * size);
    indices.forEach((index, row) => {
      if (!(index >= 0 && index < frozen.count)) throw new RangeError(`no text ${index} of ${frozen.count}`);
      to.set(from.subarray(index * size, (index + 1) * size), row * size);
    });
    return to;
  };
  const { width } = frozen;
  const select = (row: AttentionRow): AttentionRow => ({
    heads: row.heads,
    contexts: gather(row.contexts, row.heads * width),
    value: gather(row.value, width),
  });
  return {
    count: indices.length,
    width,
    residual: gather(frozen.residual, width),
    exact: select(frozen.exact),
    released: select(frozen.released),
  };
}

/** The texts of both, those of `first` first. */
export function joinTexts(first: FrozenTexts, second: FrozenTexts): FrozenTexts {
  const join = (a: Float32Array, b: Float32Array): Float32Array => {
    const all = new Float32Array(a.length + b.length);
    all.set(a);
    all.set(b, a.length);
    return all;
  };
  const joinRows = (a: AttentionRow, b: AttentionRow): AttentionRow => ({
    heads: a.heads,
    contexts: join(a.contexts, b.contexts),
    value: join(a.value, b.value),
  });
  return {
    count: first.count + second.count,
    width: first.width,
    residual: join(first.residual, second.residual),
    exact: joinRows(first.exact, second.exact),
    released: joinRows(first.released, second.released),
  };
}

/** Room for `count` texts, filled later batch by batch. */
export function emptyFrozenTexts(count: number, width: number, heads: number): FrozenTexts {
  const row = (size: number): AttentionRow => ({
    heads: size,
    contexts: new Float32Array(count * size * width),
    value: new Float32Array(count * width),
  });
  return { count, width, residual: new Float32Array(count * width), exact: row(heads), released: row(1) };
}
