import { type Capture, type DateOrigin, NOTHING_KNOWN, readCapture } from '../capture.ts';
import { captureFromName } from './from-name.ts';
import { captureFromTakeout } from './from-takeout.ts';
import { captureFromVideo, timeInGreenwich } from './from-video.ts';
import { captureFromXmp } from './from-xmp.ts';

type Source = (path: string) => Promise<Partial<Capture>>;

const BESIDE: readonly (readonly [DateOrigin, Source])[] = [
  ['xmp', captureFromXmp],
  ['takeout', captureFromTakeout],
  ['name', captureFromName],
];

/**
 * When and where a photo was taken: as the file itself says; what it does not say from the XMP sidecar beside it, from
 * Google Takeout's JSON beside it, and last from its name. What is damaged says nothing and is no error.
 *
 * @param path absolute
 * @param bytes of the file
 */
export const captureOf = (path: string, bytes: Uint8Array): Promise<Capture> =>
  filled(readCapture(bytes, path), path, BESIDE);

/**
 * As `captureOf`, of a video. The time that most containers have is that of Greenwich, so that it comes last.
 *
 * @param tags of its container
 */
export const captureOfVideo = (path: string, tags: Readonly<Record<string, string>>): Promise<Capture> =>
  filled(captureFromVideo(tags), path, [...BESIDE, ['video', async () => timeInGreenwich(tags)]]);

async function filled(
  own: Capture,
  path: string,
  sources: readonly (readonly [DateOrigin, Source])[],
): Promise<Capture> {
  let known = own;
  for (const [origin, read] of sources) {
    if (known.taken !== null && known.latitude !== null) break;
    known = fill(known, await read(path), origin);
  }
  return known.taken === null ? { ...known, dateFrom: 'file' } : known;
}

function fill(known: Capture, more: Partial<Capture>, origin: DateOrigin): Capture {
  const place = known.latitude === null || known.longitude === null ? more : known;
  const time = known.taken === null && more.taken != null ? { taken: more.taken, dateFrom: origin } : {};
  return {
    ...NOTHING_KNOWN,
    ...known,
    ...time,
    latitude: place.latitude ?? null,
    longitude: place.longitude ?? null,
  };
}
