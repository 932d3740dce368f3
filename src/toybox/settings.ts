import type { Canvas } from './canvas.ts';
import type { WorldRandom } from './random.ts';

type Rgb = readonly [number, number, number];

/** A place where things are, how captions say it, and how it is drawn (in units of the picture's height). */
export interface Setting {
  readonly name: string;
  readonly phrases: readonly string[];
  readonly draw: (canvas: Canvas, random: WorldRandom) => void;
}

/** Draws `count` times something at a random place of the canvas between two heights. */
function scatter(
  canvas: Canvas,
  random: WorldRandom,
  count: number,
  [top, bottom]: readonly [number, number],
  draw: (x: number, y: number) => void,
): void {
  for (let i = 0; i < count; i++)
    draw(random.between(canvas.left, canvas.right), random.between(top, bottom));
}

const vary = (random: WorldRandom, [r, g, b]: Rgb, by = 14): Rgb => {
  const shift = random.between(-by, by);
  return [r + shift + random.between(-6, 6), g + shift, b + shift + random.between(-6, 6)];
};

/** The settings of the Toybox world. */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'beach',
    phrases: ['on the beach', 'on a sandy beach', 'at the beach'],
    draw(canvas, random) {
      const sea = random.between(0.28, 0.42);
      canvas.gradient(0, sea, vary(random, [120, 195, 245]), [200, 232, 250]);
      canvas.gradient(sea, sea + 0.17, [30, 110, 180], [70, 180, 200]);
      canvas.gradient(sea + 0.17, 1, vary(random, [246, 226, 165]), [228, 196, 125]);
      scatter(canvas, random, 40, [sea + 0.2, 1], (x, y) => canvas.disc(x, y, 0.008, [205, 172, 105]));
    },
  },
  {
    name: 'snow',
    phrases: ['in the snow', 'on snow', 'in a snowy field'],
    draw(canvas, random) {
      const ground = random.between(0.35, 0.5);
      canvas.gradient(0, ground, vary(random, [168, 184, 204]), [208, 218, 230]);
      canvas.gradient(ground, 1, [250, 252, 255], vary(random, [226, 234, 246], 6));
      scatter(canvas, random, 55, [0, 1], (x, y) =>
        canvas.disc(x, y, random.between(0.006, 0.016), [255, 255, 255]),
      );
    },
  },
  {
    name: 'forest',
    phrases: ['in the forest', 'in the woods', 'among trees in a forest'],
    draw(canvas, random) {
      canvas.gradient(0, 1, vary(random, [34, 84, 44]), [22, 54, 26]);
      scatter(canvas, random, 11, [0, 0.1], (x) => {
        canvas.rect(x - 0.025, 0, x + 0.025, random.between(0.6, 0.85), vary(random, [74, 50, 30]));
      });
      scatter(canvas, random, 22, [0, 0.3], (x, y) =>
        canvas.disc(x, y, random.between(0.06, 0.12), vary(random, [40, 104, 46])),
      );
      canvas.gradient(0.8, 1, vary(random, [64, 84, 34]), [44, 54, 24]);
    },
  },
  {
    name: 'street',
    phrases: ['on a city street', 'in the city', 'in a street'],
    draw(canvas, random) {
      canvas.gradient(0, 0.6, [176, 196, 214], [214, 220, 226]);
      for (let x = canvas.left; x < canvas.right; ) {
        const width = random.between(0.14, 0.3);
        const top = random.between(0.03, 0.35);
        canvas.rect(
          x,
          top,
          x + width,
          0.66,
          vary(
            random,
            random.pick([
              [150, 96, 80],
              [128, 130, 140],
              [176, 160, 134],
            ]),
          ),
        );
        for (let wy = top + 0.04; wy < 0.58; wy += 0.1) {
          for (let wx = x + 0.03; wx < x + width - 0.05; wx += 0.08) {
            canvas.rect(wx, wy, wx + 0.04, wy + 0.055, random.chance(0.3) ? [250, 230, 150] : [80, 96, 120]);
          }
        }
        x += width;
      }
      canvas.rect(canvas.left, 0.66, canvas.right, 0.72, [170, 168, 162]);
      canvas.gradient(0.72, 1, vary(random, [76, 76, 82]), [62, 62, 66]);
      for (let x = canvas.left; x < canvas.right; x += 0.2)
        canvas.rect(x, 0.85, x + 0.1, 0.87, [238, 238, 230]);
    },
  },
  {
    name: 'night',
    phrases: ['under the night sky', 'at night', 'under the stars'],
    draw(canvas, random) {
      canvas.gradient(0, 0.8, [6, 8, 32], vary(random, [28, 32, 84], 8));
      canvas.gradient(0.8, 1, [14, 18, 30], [6, 8, 14]);
      scatter(canvas, random, 60, [0, 0.78], (x, y) =>
        canvas.disc(x, y, random.between(0.004, 0.01), [250, 250, 220]),
      );
      canvas.disc(random.between(canvas.left, canvas.right), 0.12, 0.07, [244, 240, 206]);
    },
  },
  {
    name: 'kitchen',
    phrases: ['on a kitchen table', 'on the table', 'in the kitchen'],
    draw(canvas, random) {
      const wall = vary(random, [232, 236, 226]);
      canvas.rect(canvas.left, 0, canvas.right, 0.5, wall);
      for (let y = 0.02; y < 0.5; y += 0.12) {
        for (let x = canvas.left; x < canvas.right; x += 0.12)
          canvas.rect(x, y, x + 0.11, y + 0.11, [206, 222, 224]);
      }
      canvas.gradient(0.46, 1, vary(random, [178, 120, 68]), [150, 96, 50]);
      for (let y = 0.55; y < 1; y += 0.11)
        canvas.rect(canvas.left, y, canvas.right, y + 0.012, [126, 78, 40]);
    },
  },
  {
    name: 'desert',
    phrases: ['in the desert', 'on desert sand', 'among the dunes'],
    draw(canvas, random) {
      canvas.gradient(0, 0.5, vary(random, [246, 178, 96]), [252, 218, 150]);
      canvas.gradient(0.45, 1, [224, 148, 74], vary(random, [196, 112, 48]));
      scatter(canvas, random, 5, [0.6, 0.75], (x, y) =>
        canvas.triangle(
          x - 0.4,
          y,
          x,
          y - random.between(0.14, 0.26),
          x + 0.4,
          y,
          vary(random, [210, 130, 60]),
        ),
      );
    },
  },
  {
    name: 'meadow',
    phrases: ['in a meadow', 'on the grass', 'in a green field'],
    draw(canvas, random) {
      const ground = random.between(0.3, 0.45);
      canvas.gradient(0, ground, [110, 186, 244], [186, 222, 246]);
      canvas.gradient(ground, 1, vary(random, [128, 200, 76]), [84, 156, 48]);
      scatter(canvas, random, 30, [ground + 0.06, 1], (x, y) =>
        canvas.disc(
          x,
          y,
          0.012,
          random.pick([
            [250, 240, 120],
            [250, 250, 250],
            [236, 130, 170],
          ]),
        ),
      );
    },
  },
  {
    name: 'underwater',
    phrases: ['underwater', 'under water', 'at the bottom of the sea'],
    draw(canvas, random) {
      canvas.gradient(0, 1, vary(random, [36, 164, 206]), [8, 62, 124]);
      scatter(canvas, random, 24, [0, 0.9], (x, y) => {
        canvas.disc(x, y, 0.022, [150, 220, 240]);
        canvas.disc(x, y, 0.015, [60, 160, 205]);
      });
      canvas.gradient(0.88, 1, [120, 132, 110], [92, 102, 84]);
    },
  },
  {
    name: 'mountains',
    phrases: ['in the mountains', 'in front of mountains', 'high in the mountains'],
    draw(canvas, random) {
      canvas.gradient(0, 0.75, vary(random, [142, 196, 238]), [214, 230, 242]);
      scatter(canvas, random, 7, [0.1, 0.28], (x, y) => {
        canvas.triangle(x - 0.42, 0.75, x, y, x + 0.42, 0.75, vary(random, [106, 112, 132]));
        canvas.triangle(x - 0.1, y + 0.15, x, y, x + 0.1, y + 0.15, [246, 248, 252]);
      });
      canvas.gradient(0.72, 1, vary(random, [110, 136, 92]), [88, 112, 76]);
    },
  },
  {
    name: 'living room',
    phrases: ['in the living room', 'at home', 'on the carpet at home'],
    draw(canvas, random) {
      canvas.rect(canvas.left, 0, canvas.right, 0.68, vary(random, [226, 196, 176]));
      for (let x = canvas.left; x < canvas.right; x += 0.14)
        canvas.rect(x, 0, x + 0.05, 0.64, [212, 178, 158]);
      canvas.rect(canvas.left, 0.64, canvas.right, 0.69, [250, 246, 240]);
      canvas.gradient(0.69, 1, vary(random, [142, 50, 64]), [112, 36, 50]);
      const x = random.between(0.1, 0.7);
      canvas.rect(x, 0.08, x + 0.26, 0.3, [110, 76, 46]);
      canvas.rect(x + 0.025, 0.105, x + 0.235, 0.275, vary(random, [150, 190, 170], 40));
    },
  },
  {
    name: 'sunset',
    phrases: ['at sunset', 'in front of the sunset', 'in the evening light'],
    draw(canvas, random) {
      canvas.gradient(0, 0.62, vary(random, [88, 44, 122]), [252, 132, 68]);
      canvas.disc(random.between(0.1, 0.9), 0.58, 0.12, [255, 222, 110]);
      canvas.gradient(0.62, 1, [122, 52, 84], [50, 24, 58]);
    },
  },
  {
    name: 'studio',
    phrases: ['on a white background', 'in a white studio', 'against a white wall'],
    draw(canvas, random) {
      canvas.gradient(0, 1, vary(random, [250, 250, 250], 5), vary(random, [236, 236, 238], 8));
    },
  },
  {
    name: 'stage',
    phrases: ['on a stage', 'on stage', 'in front of a red curtain'],
    draw(canvas, random) {
      canvas.rect(canvas.left, 0, canvas.right, 0.78, vary(random, [176, 20, 34]));
      for (let x = canvas.left; x < canvas.right; x += 0.11) canvas.rect(x, 0, x + 0.045, 0.78, [130, 8, 22]);
      canvas.gradient(0.76, 1, [176, 122, 66], [136, 88, 44]);
    },
  },
  {
    name: 'library',
    phrases: ['in a library', 'in front of a bookshelf', 'in front of bookshelves'],
    draw(canvas, random) {
      canvas.rect(canvas.left, 0, canvas.right, 1, [82, 54, 34]);
      for (let y = 0.02; y < 0.98; y += 0.2) {
        for (let x = canvas.left; x < canvas.right; ) {
          const width = random.between(0.025, 0.055);
          canvas.rect(
            x,
            y + random.between(0, 0.05),
            x + width - 0.006,
            y + 0.17,
            vary(
              random,
              random.pick([
                [150, 40, 40],
                [40, 80, 130],
                [50, 110, 70],
                [190, 150, 70],
                [110, 70, 120],
              ]),
              20,
            ),
          );
          x += width;
        }
      }
    },
  },
  {
    name: 'classroom',
    phrases: ['in a classroom', 'in front of a blackboard', 'at school'],
    draw(canvas, random) {
      canvas.rect(canvas.left, 0, canvas.right, 1, vary(random, [222, 206, 150]));
      canvas.rect(canvas.left + 0.08, 0.06, canvas.right - 0.08, 0.72, [150, 104, 60]);
      canvas.rect(canvas.left + 0.11, 0.09, canvas.right - 0.11, 0.69, vary(random, [30, 72, 58], 8));
      scatter(canvas, random, 9, [0.14, 0.6], (x, y) =>
        canvas.rect(x - 0.07, y, x + 0.07, y + 0.012, [206, 220, 212]),
      );
    },
  },
];

/** The number of a setting. */
export function settingNumber(name: string): number {
  const found = SETTINGS.findIndex((setting) => setting.name === name);
  if (found < 0) throw new Error(`the Toybox world has no ${name}`);
  return found;
}
