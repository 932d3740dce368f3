import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { photo } from '../../../test/data.ts';
import { captureOf } from './capture-of.ts';
import { captureFromName } from './from-name.ts';
import { takeoutNames } from './from-takeout.ts';

let folder: string;
let bare: Uint8Array;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'polar-dates-')));
  bare = await sharp(await readFile(photo('cat/00')))
    .jpeg()
    .toBuffer(); // without metadata
});
afterEach(() => rm(folder, { recursive: true }));

const NOTHING = { taken: null, latitude: null, longitude: null, dateFrom: 'file' };
const at = (name: string) => captureOf(join(folder, name), bare);
const takeout = (timestamp: string, latitude = 0, longitude = 0) =>
  JSON.stringify({
    title: 'x',
    photoTakenTime: { timestamp },
    geoData: { latitude, longitude, altitude: 0 },
  });
const xmp = (attributes: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" ${attributes}/></rdf:RDF></x:xmpmeta>`;

it('what the file does not say comes from its XMP, then from Takeout, then from its name, each filling what is open', async () => {
  const name = 'IMG_20200202_020202.jpg';
  expect(await at(name)).toEqual({
    ...NOTHING,
    taken: Date.UTC(2020, 1, 2, 2, 2, 2),
    dateFrom: 'name',
  });
  await writeFile(join(folder, `${name}.json`), takeout('1546300800', 48.1, 11.6));
  expect(await at(name)).toEqual({
    taken: Date.UTC(2019, 0, 1),
    latitude: 48.1,
    longitude: 11.6,
    dateFrom: 'takeout',
  });
  await writeFile(join(folder, `${name}.xmp`), xmp('xmp:CreateDate="2018-03-04T05:06:07+02:00"'));
  expect(await at(name)).toEqual({
    taken: Date.UTC(2018, 2, 4, 5, 6, 7),
    latitude: 48.1,
    longitude: 11.6,
    dateFrom: 'xmp',
  });
  await writeFile(
    join(folder, `${name}.xmp`),
    xmp(
      'exif:DateTimeOriginal="2017-03-04T05:06:07" exif:GPSLatitude="33,51.5S" exif:GPSLongitude="151,12,30E"',
    ),
  );
  const { taken, latitude, longitude } = await at(name);
  expect(taken).toBe(Date.UTC(2017, 2, 4, 5, 6, 7));
  expect([latitude, longitude].map((value) => value!.toFixed(4))).toEqual(['-33.8583', '151.2083']);
  const own = await sharp(bare)
    .withExif({ IFD2: { DateTimeOriginal: '2016:01:01 00:00:00' } })
    .jpeg()
    .toBuffer();
  expect(await captureOf(join(folder, name), own)).toMatchObject({
    taken: Date.UTC(2016, 0, 1),
    dateFrom: 'exif',
  });
});

it('Takeout names its files in its own ways: numbers, cut names, edited copies', () => {
  expect(takeoutNames('IMG_1.jpg')).toEqual(['IMG_1.jpg.json', 'IMG_1.jpg.supplemental-metadata.json']);
  expect(takeoutNames('IMG_1(2).jpg')).toEqual(
    expect.arrayContaining(['IMG_1.jpg(2).json', 'IMG_1.jpg.supplemental-metadata(2).json']),
  );
  expect(takeoutNames('IMG_1-edited.jpg')).toContain('IMG_1.jpg.json');
  expect(takeoutNames('IMG_1-bearbeitet(1).jpg'.replace('-bearbeitet(1)', '(1)-bearbeitet'))).toContain(
    'IMG_1.jpg(1).json',
  );
  const long = `${'a'.repeat(44)}.jpg`;
  expect(takeoutNames(long)).toContain(`${'a'.repeat(44)}.j.json`);
  expect(takeoutNames('Screenshot_20240131-123456_Some.jpg')).toContain(
    'Screenshot_20240131-123456_Some.jpg.supplement.json',
  );
});

it('what is damaged, hostile or of another program says nothing', async () => {
  const files: Record<string, string | Uint8Array> = {
    'a.jpg.json': '{"photoTakenTime":{"timestamp":"soon"}}',
    'b.jpg.json': '[1, 2',
    'c.jpg.json': Buffer.alloc(20e6, ' '),
    'd.jpg.json': '[]',
    'e.jpg.xmp': `<!DOCTYPE x [<!ENTITY a "b">]>${xmp('xmp:CreateDate="2018-03-04"')}`,
    'f.jpg.xmp': xmp('exif:GPSLatitude="95,0N" xmp:CreateDate="0000-00-00"'),
    'g.jpg.json': takeout('1546300800', 200, 400),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await writeFile(join(folder, 'outside'), takeout('1546300800'));
  await symlink(join(folder, 'outside'), join(folder, 'h.jpg.json'));
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'h'])
    expect(await at(`${name}.jpg`), name).toEqual(NOTHING);
  expect(await at('g.jpg')).toEqual({ ...NOTHING, dateFrom: 'takeout', taken: Date.UTC(2019, 0, 1) });
});

it('names say a time where a phone or program wrote one, and no other digits do', async () => {
  const expected: Record<string, number | null> = {
    'PXL_20240131_123456789.jpg': Date.UTC(2024, 0, 31, 12, 34, 56),
    '20240131_123456.jpg': Date.UTC(2024, 0, 31, 12, 34, 56),
    'Screenshot_2024-01-31-12-34-56.png': Date.UTC(2024, 0, 31, 12, 34, 56),
    'Screenshot 2024-01-31 at 12.34.56.png': Date.UTC(2024, 0, 31, 12, 34, 56),
    'WhatsApp Image 2024-01-31 at 12.34.56.jpeg': Date.UTC(2024, 0, 31, 12, 34, 56),
    'signal-2024-01-31-123456.jpg': Date.UTC(2024, 0, 31, 12, 34, 56),
    'IMG-20240131-WA0007.jpg': Date.UTC(2024, 0, 31),
    'Berlin 2024-01-31.jpg': Date.UTC(2024, 0, 31),
    'IMG_20240230_123456.jpg': null,
    'IMG_20240131_256199.jpg': null,
    'IMG_29990131_123456.jpg': null,
    'DSC_20240131.jpg': null,
    '120240131_1234567.jpg': null,
    'P1010024.jpg': null,
  };
  for (const [name, taken] of Object.entries(expected)) {
    expect((await captureFromName(`/photos/${name}`)).taken, name).toBe(taken);
  }
});
