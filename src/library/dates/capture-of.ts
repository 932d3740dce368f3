import { type Capture, readCapture } from '../capture.ts';
import { captureFromName } from './from-name.ts';
import { captureFromTakeout } from './from-takeout.ts';
import { captureFromXmp } from './from-xmp.ts';

/**
 * When and where a photo was taken: as the file itself says; what it does not say from the XMP sidecar beside it, from
 * Google Takeout's JSON beside it, and last from its name. What is damaged says nothing and is no error.
 *
 * @param path absolute
 * @param bytes of the file
 */
export async function captureOf(path: string, bytes: Uint8Array): Promise<Capture> {
  let known = readCapture(bytes, path);
  for (const read of [captureFromXmp, captureFromTakeout, captureFromName]) {
    if (known.taken !== null && known.latitude !== null) break;
    known = fill(known, await read(path));
  }
  return known;
}

function fill(known: Capture, more: Partial<Capture>): Capture {
  const place = known.latitude === null || known.longitude === null ? more : known;
  return {
    taken: known.taken ?? more.taken ?? null,
    latitude: place.latitude ?? null,
    longitude: place.longitude ?? null,
  };
}
