/**
 * The pictures of the app's first screen, from the Toybox's drawings: what is in a folder, what one teaches with, and
 * what is found then; and the Toybox's three things.
 *
 *     npx tsx tools/welcome-pictures.ts
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { makeToyboxPhotos, readToyboxPhotos } from '../src/toybox/make-photos.ts';

const pictures = fileURLToPath(new URL('../src/pages/app/public/', import.meta.url));
const SIDE = 120;
const GAP = 8;
const round = (opacity: number): Buffer =>
  Buffer.from(
    `<svg width="${SIDE}" height="${SIDE}"><rect width="${SIDE}" height="${SIDE}" rx="14" fill-opacity="${opacity}"/></svg>`,
  );
const NAME = 'Rex';
const SETTING = 'snow';

const work = await mkdtemp(join(tmpdir(), 'polar-welcome-'));
try {
  const { library, things } = await makeToyboxPhotos(work);
  const truth = [...(await readToyboxPhotos(work)).values()];
  const examplesOf = async (folder: string) =>
    (await readdir(folder)).sort().map((file) => join(folder, file));
  const pick = (isWanted: (photo: (typeof truth)[number]) => boolean) =>
    truth.filter(isWanted).map(({ file }) => join(library, file));
  const others = pick(({ shows }) => shows.length === 0);
  const own = pick(({ shows }) => shows.includes(NAME));
  const there = pick(({ shows, setting }) => shows.includes(NAME) && setting === SETTING);
  if (there.length === 0) throw new Error(`no picture of ${NAME} in ${SETTING}`);
  const examples = await examplesOf(things.find(({ name }) => name === NAME)!.examples);
  const elsewhere = own.filter((file) => !there.includes(file));
  await keep('welcome-folder', [...others.slice(0, 3), own[0]!, ...others.slice(3, 5)]);
  await keep('welcome-teach', examples);
  await keep('welcome-ask', [...there.slice(0, 2), ...elsewhere, ...others.slice(6)].slice(0, 6), 2);
  for (const { name, examples: folder } of things) {
    const [first] = await examplesOf(folder);
    await sharp(first)
      .resize(SIDE, SIDE)
      .webp({ quality: 80 })
      .toFile(join(pictures, `toybox-${name.toLowerCase()}.webp`));
  }
} finally {
  await rm(work, { recursive: true });
}

/** Six photos or fewer in two rows; those after the first `clear` of them paler, where it is given. */
async function keep(name: string, files: readonly string[], clear = files.length): Promise<void> {
  const tiles = await Promise.all(
    files.map(async (file, index) => ({
      input: await sharp(file)
        .resize(SIDE, SIDE)
        .ensureAlpha()
        .composite([{ input: round(index < clear ? 1 : 0.4), blend: 'dest-in' }])
        .png()
        .toBuffer(),
      left: (index % 3) * (SIDE + GAP),
      top: Math.floor(index / 3) * (SIDE + GAP),
    })),
  );
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  const [width, height] = [3 * SIDE + 2 * GAP, 2 * SIDE + GAP];
  await sharp({ create: { width, height, channels: 4, background } })
    .composite(tiles)
    .webp({ quality: 80 })
    .toFile(join(pictures, `${name}.webp`));
}
