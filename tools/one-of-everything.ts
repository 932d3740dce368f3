/**
 * Makes a folder with one of everything that a photo library may hold, to see what polar takes and what it leaves out.
 *
 *     npx tsx tools/one-of-everything.ts <folder>
 *     polar index <folder>
 */
import { appendFile, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { photo } from '../test/data.ts';
import { makeVideoOf, pathWithFfmpeg } from '../test/ffmpeg.ts';
import { rawContainers } from '../test/raw-containers.ts';

const HEIC = fileURLToPath(new URL('../src/library/house.fixture.heic', import.meta.url));
const LIVE = 'com.apple.quicktime.content.identifier=0A1B2C3D-0000-0000-0000-00000000000F';
const SCENES = ['dog6/00', 'cat/00', 'vase/00', 'can/00'];

const TAKEOUT = JSON.stringify({
  title: 'takeout.jpg',
  photoTakenTime: { timestamp: '1546300800' },
  geoData: { latitude: 48.1, longitude: 11.6, altitude: 0 },
});
const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:DateTimeOriginal="2017-03-04T05:06:07"/></rdf:RDF></x:xmpmeta>`;

/**
 * @param folder made where there is none
 * @returns names of the files, by what an index is to do with them
 */
export async function makeOneOfEverything(folder: string): Promise<void> {
  const put = async (name: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  };
  // Each another picture, so that none is a copy.
  let turn = 0;
  const picture = () => sharp(photo('dog/00')).modulate({ hue: 12 * turn++ });
  const exif = { IFD2: { DateTimeOriginal: '2018:03:04 05:06:07' } };
  await put('formats/exif.jpg', await picture().withExif(exif).jpeg().toBuffer());
  for (const format of ['png', 'webp', 'avif', 'tiff', 'gif'] as const)
    await put(`formats/photo.${format}`, await picture().toFormat(format).toBuffer());
  await copyFile(HEIC, join(folder, 'formats', 'house.HEIC'));
  const long = (width: number, height: number) =>
    picture().resize(width, height, { fit: 'fill' }).jpeg().toBuffer();
  await put('formats/panorama.jpg', await long(12_000, 900));
  await put('formats/Screenshot 2024-01-31 at 12.34.56.jpg', await long(300, 20_000));
  for (const [name, bytes] of Object.entries(await rawContainers())) await put(`raw/${name}`, bytes);
  await put('raw/A.JPG', await picture().jpeg().toBuffer()); // the RAW beside is the same photo
  await put('dates/IMG_20240131_123456.jpg', await picture().jpeg().toBuffer());
  await put('dates/sidecar.jpg', await picture().jpeg().toBuffer());
  await put('dates/sidecar.jpg.xmp', XMP);
  await put('dates/takeout.jpg', await picture().jpeg().toBuffer());
  await put('dates/takeout.jpg.json', TAKEOUT);
  await put('phone/IMG_1.JPG', await picture().jpeg().toBuffer());
  makeVideoOf(
    SCENES,
    join(folder, 'phone', 'IMG_1.MOV'),
    '-movflags',
    'use_metadata_tags',
    '-metadata',
    LIVE,
  );
  await mkdir(join(folder, 'videos'), { recursive: true });
  const codecs = {
    mp4: [],
    mov: ['-g', '1'],
    mkv: ['-g', '2'],
    webm: ['-c:v', 'libvpx'],
    avi: ['-c:v', 'mpeg4'],
  };
  for (const [ending, options] of Object.entries(codecs))
    makeVideoOf(SCENES, join(folder, 'videos', `clip.${ending}`), ...options);
  await put('phone/PXL_1.MP.jpg', await picture().jpeg().toBuffer());
  await appendFile(join(folder, 'phone', 'PXL_1.MP.jpg'), await readFile(join(folder, 'videos', 'clip.mp4')));
  for (const place of ['originals/0', 'resources/derivatives', 'scopes'])
    await put(`My.photoslibrary/${place}/x.jpeg`, await picture().jpeg().toBuffer());
  await put('Previews.lrdata/preview.jpg', await picture().jpeg().toBuffer());
  await put('others/cut.jpg', (await picture().jpeg().toBuffer()).subarray(0, 4000));
  await put('others/empty.jpg', '');
  await put('others/words.mp4', 'no video');
  for (const name of ['old.wmv', 'new.jxl', 'drawing.psd', 'lens.x3f', 'letter.txt', '.hidden.jpg'])
    await put(`others/${name}`, name);
  await symlink(photo('cat/01'), join(folder, 'others', 'link.jpg'));
}

if (import.meta.url === pathToFileURL(resolve(argv[1] ?? '')).href) {
  const [, , folder] = argv;
  if (folder === undefined) {
    console.error('usage: npx tsx tools/one-of-everything.ts <folder>');
    process.exit(2);
  }
  pathWithFfmpeg();
  await makeOneOfEverything(folder);
}
