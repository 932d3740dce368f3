import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosine } from '../../test/close.ts';
import { TINY_CLIP } from '../../test/data.ts';
import { rowOf } from '../matrix.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { indexPhotos } from './index-photos.ts';
import { PhotoStore } from './photo-store.ts';

// The same picture as HOUSE, with a date and a place, written by libheif's heif-enc.
const HEIC = fileURLToPath(new URL('house.fixture.heic', import.meta.url));
const HOUSE = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240">
<rect width="320" height="240" fill="#7fb2e5"/><rect y="150" width="320" height="90" fill="#4a8f3c"/>
<circle cx="250" cy="60" r="30" fill="#ffd84d"/><rect x="60" y="90" width="90" height="90" fill="#c0392b"/>
<polygon points="50,90 105,40 160,90" fill="#6b3e26"/></svg>`;

describe('formats of pictures', () => {
  let clip: Clip;
  let base: string;
  let rows: ReadonlyMap<
    string,
    { width: number; taken: number | null; latitude: number | null; vector: number[] }
  >;

  beforeAll(async () => {
    clip = await loadClip(TINY_CLIP);
    base = await mkdtemp(join(tmpdir(), 'polar-formats-'));
    const house = () => sharp(Buffer.from(HOUSE)).removeAlpha();
    const pictures: Record<string, Promise<Buffer>> = {
      'house.png': house().png().toBuffer(),
      'house.jpg': house().jpeg({ quality: 95 }).toBuffer(),
      'house.jpeg': house().jpeg({ quality: 90, progressive: true }).toBuffer(),
      'house.webp': house().webp({ quality: 95 }).toBuffer(),
      'house.avif': house().avif({ quality: 80 }).toBuffer(),
      'house.tif': house().tiff({ compression: 'lzw' }).toBuffer(),
      'house.gif': house().gif().toBuffer(),
      // The camera was held upright: the pixels lie on their side, and the file says so.
      'turned.jpg': house().rotate(270).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer(),
      'negative.png': house().negate().png().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(pictures)) await writeFile(join(base, name), await bytes);
    await copyFile(HEIC, join(base, 'house.HEIC'));
    const store = new PhotoStore(join(base, 'library'));
    expect((await indexPhotos(store, clip, base)).skipped).toEqual([]);
    const found = await (await store.find(clip))!.query().toArray();
    rows = new Map(
      found.map(({ path, width, taken, latitude, embedding }) => [
        basename(path),
        { width, taken, latitude, vector: Array.from(embedding as Iterable<number>) },
      ]),
    );
  });
  afterAll(async () => {
    await clip.close();
    await rm(base, { recursive: true });
  });

  it.each(['jpg', 'jpeg', 'webp', 'avif', 'tif', 'gif', 'HEIC'])(
    'a photo as .%s is decoded to the same picture as the PNG',
    (ending) => {
      const { width, vector } = rows.get(`house.${ending}`)!;
      expect(width).toBe(320);
      expect(cosine(vector, rows.get('house.png')!.vector)).toBeGreaterThan(0.99);
      expect(cosine(vector, rows.get('negative.png')!.vector)).toBeLessThan(0.97);
    },
  );

  it('the EXIF orientation of a picture is honoured', async () => {
    const { width, vector } = rows.get('turned.jpg')!;
    expect(width).toBe(320);
    expect(cosine(vector, rows.get('house.jpg')!.vector)).toBeGreaterThan(0.999);
    const asStored = rowOf(await clip.encodeImages([join(base, 'turned.jpg')]), 0);
    expect(cosine(vector, asStored)).toBeLessThan(0.999);
  });

  it('a HEIC photo says when and where it was taken', () => {
    expect(rows.get('house.HEIC')).toMatchObject({ taken: Date.UTC(2021, 5, 5, 4, 3, 2), latitude: -33.5 });
  });
});
