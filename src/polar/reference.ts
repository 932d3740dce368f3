/**
 * POLAR in one file: the loss of one concept in float64, straight from the formulas, one number after another.
 * `training-graph.ts` computes the same, and its gradient, many times faster; the tests compare the two.
 *
 *     v'_h = v_h + B_h (a·c_h);  r = x + W_o v' + b_o;  z = r + W_2 φ(W_1 ln_2(r) + b_1) + b_2;  y = W_p ln_f(z) + b_p
 *     loss = mean over photos and P of (y/|y| - f)^2  +  lambda mean(B^2)  +  2 w mean over others g of (y/|y|)·g / P
 */
type Vector = Float64Array;

/** CLIP behind its last attention: matrices `[outputs, inputs]`, biases, the γ and β of norms, φ. */
export interface Head {
  readonly W: Readonly<Record<'o' | '1' | '2' | 'p', Vector>>;
  readonly b: Readonly<Record<'o' | '1' | '2' | 'p', Vector | undefined>>;
  readonly ln: Readonly<Record<'2' | 'f', readonly [gamma: Vector, beta: Vector]>>;
  readonly epsilon: number;
  readonly activate: (x: number) => number;
}

/** A prompt as the frozen tower leaves it at the row that is read, and the unit feature f `[P]` of its photo. */
export type Text = Readonly<{ x: Vector; c: readonly Vector[]; v: Vector; f: Vector }>; // [D], [H][D], [D], [P]
/** a `[D]`, of unit norm, and B `[D]`; an update of rank R is R of them. */
export type Update = Readonly<{ a: Vector; B: Vector }>;

const dot = (x: Vector, y: Vector) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
const mean = (x: ArrayLike<number>) => Array.from(x).reduce((sum, value) => sum + value / x.length, 0);
const add = (x: Vector, y: Vector) => x.map((value, i) => value + y[i]!);
const scale = (x: Vector, by: number) => x.map((value) => value * by);
const linear = (x: Vector, W: Vector, b: Vector = new Float64Array(W.length / x.length)) =>
  b.map((bias, o) => bias + dot(x, W.subarray(o * x.length)));

/** y `[P]`: the embedding of a text with updates added, not normalised. */
export function embedding({ x, c, v }: Text, updates: readonly Update[], head: Head): Vector {
  const { W, b, ln, epsilon, activate } = head;
  const norm = (x: Vector, [gamma, beta]: readonly [Vector, Vector]) => {
    const m = mean(x);
    const s = Math.sqrt(mean(x.map((value) => (value - m) ** 2)) + epsilon);
    return x.map((value, i) => ((value - m) / s) * gamma[i]! + beta[i]!);
  };
  const ofHead = <T>(values: readonly T[], i: number) => values[Math.floor((i * c.length) / v.length)]!;
  const changes = updates.map(({ a, B }) => B.map((value, i) => value * dot(a, ofHead(c, i)))); // B_h (a·c_h)
  const r = add(x, linear(changes.reduce(add, v), W.o, b.o));
  const z = add(r, linear(linear(norm(r, ln[2]), W[1], b[1]).map(activate), W[2], b[2]));
  return linear(norm(z, ln.f), W.p, b.p);
}

/** `others` are the unit features g `[P]` of photos that are not the thing, `w` how hard they push. */
export type Settings = Readonly<{ lambda: number; others?: readonly Vector[]; w?: number }>;

/** The loss of a concept, a number. */
export function loss(texts: readonly Text[], updates: readonly Update[], head: Head, settings: Settings) {
  const { lambda, others = [], w = 1 } = settings;
  const ofText = (text: Text) => {
    const y = embedding(text, updates, head);
    const u = scale(y, 1 / Math.hypot(...y));
    const toOthers = others.length === 0 ? 0 : mean(others.map((g) => dot(u, g)));
    return mean(add(u, scale(text.f, -1)).map((value) => value ** 2)) + (2 * w * toOthers) / u.length;
  };
  return mean(texts.map(ofText)) + lambda * mean(updates.map(({ B }) => mean(B.map((value) => value ** 2))));
}
