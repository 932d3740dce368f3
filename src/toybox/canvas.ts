type Rgb = readonly [number, number, number];

/** A premultiplied RGBA picture, `data` `[side, side, 4]`, and its halvings. */
export interface Sprite {
  readonly levels: readonly { readonly side: number; readonly data: Float32Array }[];
}

/**
 * An RGB picture of `width` x `height` pixels, drawn in units of its height: the middle square is 0 to 1 both
 * ways, so that a wide picture and its centre crop show the same scene.
 */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  /** `[height, width, 3]`, 0 to 255. */
  readonly data: Float32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.left = 0.5 - width / height / 2;
    this.right = 0.5 + width / height / 2;
    this.data = new Float32Array(width * height * 3);
  }

  #column(x: number): number {
    return Math.max(0, Math.min(this.width, Math.round((x - this.left) * this.height)));
  }

  #row(y: number): number {
    return Math.max(0, Math.min(this.height, Math.round(y * this.height)));
  }

  /** Fills whole rows from one colour to another. */
  gradient(top: number, bottom: number, from: Rgb, to: Rgb): void {
    const [first, last] = [this.#row(top), this.#row(bottom)];
    for (let y = first; y < last; y++) {
      const t = (y - first) / (last - first);
      this.#span(y, 0, this.width, [
        from[0] + (to[0] - from[0]) * t,
        from[1] + (to[1] - from[1]) * t,
        from[2] + (to[2] - from[2]) * t,
      ]);
    }
  }

  /** Fills a rectangle. */
  rect(x0: number, y0: number, x1: number, y1: number, colour: Rgb): void {
    const last = this.#row(y1);
    for (let y = this.#row(y0); y < last; y++) this.#span(y, this.#column(x0), this.#column(x1), colour);
  }

  /** Fills a disc. */
  disc(x: number, y: number, radius: number, colour: Rgb): void {
    const last = this.#row(y + radius);
    for (let row = this.#row(y - radius); row < last; row++) {
      const dy = (row + 0.5) / this.height - y;
      const half = Math.sqrt(Math.max(0, radius * radius - dy * dy));
      this.#span(row, this.#column(x - half), this.#column(x + half), colour);
    }
  }

  /** Fills a triangle whose first and last corners lie on one height. */
  triangle(x0: number, y0: number, x1: number, y1: number, x2: number, y2: number, colour: Rgb): void {
    const last = this.#row(y0);
    for (let row = this.#row(y1); row < last; row++) {
      const t = ((row + 0.5) / this.height - y1) / (y0 - y1);
      this.#span(row, this.#column(x1 + (x0 - x1) * t), this.#column(x1 + (x2 - x1) * t), colour);
    }
    void y2;
  }

  #span(y: number, from: number, to: number, [r, g, b]: Rgb): void {
    for (let i = (y * this.width + from) * 3; i < (y * this.width + to) * 3; i += 3) {
      this.data[i] = r;
      this.data[i + 1] = g;
      this.data[i + 2] = b;
    }
  }

  /** Lays a sprite of side `size` with its middle at (x, y) over the picture, bilinear from the nearest halving. */
  stamp(sprite: Sprite, x: number, y: number, size: number, mirror: boolean, light: number): void {
    const pixels = size * this.height;
    const { side, data } =
      [...sprite.levels].reverse().find((level) => level.side >= pixels) ?? sprite.levels[0]!;
    const left = (x - size / 2 - this.left) * this.height;
    const top = (y - size / 2) * this.height;
    const scale = side / pixels;
    const edge = side - 1.001;
    for (let row = Math.max(0, Math.floor(top)); row < Math.min(this.height, top + pixels); row++) {
      const v = (row + 0.5 - top) * scale - 0.5;
      if (v < -0.5 || v > side - 0.5) continue;
      const sv = Math.max(0, Math.min(edge, v));
      const v0 = Math.floor(sv);
      const fv = sv - v0;
      for (
        let column = Math.max(0, Math.floor(left));
        column < Math.min(this.width, left + pixels);
        column++
      ) {
        let u = (column + 0.5 - left) * scale - 0.5;
        if (u < -0.5 || u > side - 0.5) continue;
        if (mirror) u = side - 1 - u;
        const su = Math.max(0, Math.min(edge, u));
        const u0 = Math.floor(su);
        const fu = su - u0;
        const at = (v0 * side + u0) * 4;
        const below = at + side * 4;
        const w00 = (1 - fu) * (1 - fv);
        const w01 = fu * (1 - fv);
        const w10 = (1 - fu) * fv;
        const w11 = fu * fv;
        const rest = 1 - mix(data, at + 3, below + 3, w00, w01, w10, w11);
        if (rest >= 1) continue;
        const to = (row * this.width + column) * 3;
        for (let k = 0; k < 3; k++) {
          const value = mix(data, at + k, below + k, w00, w01, w10, w11);
          this.data[to + k] = this.data[to + k]! * rest + value * light;
        }
      }
    }
  }

  /** The picture as bytes after a multiplicative tint and noise of this amplitude. */
  bytes(tint: Rgb, noise: number, random: () => number): Uint8Array {
    const { data } = this;
    const bytes = new Uint8Array(data.length);
    for (let i = 0; i < bytes.length; i += 3) {
      for (let k = 0; k < 3; k++) {
        const value = data[i + k]! * tint[k]! + (random() - 0.5) * 2 * noise;
        bytes[i + k] = value < 0 ? 0 : value > 255 ? 255 : value + 0.5;
      }
    }
    return bytes;
  }
}

/** The weighted mean of a pixel's value, its right neighbour's and those of the two below. */
function mix(
  data: Float32Array,
  at: number,
  below: number,
  w00: number,
  w01: number,
  w10: number,
  w11: number,
): number {
  return data[at]! * w00 + data[at + 4]! * w01 + data[below]! * w10 + data[below + 4]! * w11;
}
