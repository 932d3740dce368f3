import { parse } from 'node:path';
import { PolarError } from '../../errors.ts';
import { type Capture, parseTime, within } from '../capture.ts';
import { readSidecar } from '../tags/sidecar.ts';
import { XmpDocument } from '../tags/xmp-document.ts';

const EXIF = 'http://ns.adobe.com/exif/1.0/';
const DATES = [
  [EXIF, 'DateTimeOriginal'],
  ['http://ns.adobe.com/photoshop/1.0/', 'DateCreated'],
  ['http://ns.adobe.com/xap/1.0/', 'CreateDate'],
] as const;

/** When and where a photo was taken, as the XMP sidecar beside it says: `IMG_1.jpg.xmp`, or Adobe's `IMG_1.xmp`. */
export async function captureFromXmp(path: string): Promise<Partial<Capture>> {
  const { dir, name } = parse(path);
  for (const sidecar of [`${path}.xmp`, `${dir}/${name}.xmp`]) {
    try {
      const found = await readSidecar(sidecar);
      if (found === undefined) continue;
      const xmp = XmpDocument.parse(found.text);
      const times = DATES.map(([namespace, local]) => parseTime(xmp.text(namespace, local)));
      return {
        taken: times.find((time) => time !== null) ?? null,
        latitude: degrees(xmp.text(EXIF, 'GPSLatitude'), 90),
        longitude: degrees(xmp.text(EXIF, 'GPSLongitude'), 180),
      };
    } catch (error) {
      if (!(error instanceof PolarError)) throw error; // a damaged sidecar says nothing
    }
  }
  return {};
}

/** `48,8.25N` or `48,8,15N`: degrees, minutes, seconds. */
function degrees(text: string | undefined, limit: number): number | null {
  const match = /^(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])$/.exec(text ?? '');
  if (match === null) return null;
  const [, whole, minutes, seconds = '0', side] = match;
  const value = Number(whole) + Number(minutes) / 60 + Number(seconds) / 3600;
  return within(side === 'S' || side === 'W' ? -value : value, limit);
}
