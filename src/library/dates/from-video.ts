import { type Capture, NOTHING_KNOWN, parseTime, within } from '../capture.ts';

type Tags = Readonly<Record<string, string>>;

// Apple writes the local time with its zone, and the place by ISO 6709: `+48.1374+011.5755+519.000/`.
const LOCAL_TIME = 'com.apple.quicktime.creationdate';
const PLACES = ['com.apple.quicktime.location.ISO6709', 'location'];
const PLACE = /^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)/;
// A camera whose clock is not set counts from 1904, as the container does, or from 1970.
const FIRST_VIDEO = Date.UTC(1980, 0);

/** What a video's container says of the time by the camera's clock, and of the place. */
export function captureFromVideo(tags: Tags): Capture {
  const taken = parseTime(tags[LOCAL_TIME]);
  const [, latitude, longitude] = PLACE.exec(PLACES.map((name) => tags[name]).find(Boolean) ?? '') ?? [];
  const place = { latitude: degrees(latitude, 90), longitude: degrees(longitude, 180) };
  return {
    ...NOTHING_KNOWN,
    ...(taken === null ? {} : { taken, dateFrom: 'video' }),
    ...(place.latitude === null || place.longitude === null ? {} : place),
  };
}

/** The time that every container may have: that of Greenwich. */
export function timeInGreenwich(tags: Tags): Partial<Capture> {
  const taken = parseTime(tags.creation_time);
  return taken !== null && taken >= FIRST_VIDEO ? { taken } : {};
}

const degrees = (text: string | undefined, limit: number): number | null =>
  text === undefined ? null : within(Number(text), limit);
