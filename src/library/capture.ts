import ExifReader from 'exifreader';

/** What a photo's EXIF data says of its taking. */
export interface Capture {
  /** By the camera's clock, milliseconds since 1970 as if that clock were UTC; null if unknown. */
  readonly taken: number | null;
  /** Degrees; null if unknown. */
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export const NOTHING_KNOWN: Capture = { taken: null, latitude: null, longitude: null };

/** Reads when and where a photo was taken; damaged or absent EXIF data says nothing and is no error. */
export function readCapture(bytes: Uint8Array): Capture {
  try {
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const { exif, gps } = ExifReader.load(buffer, { expanded: true });
    const written = exif?.DateTimeOriginal ?? exif?.DateTimeDigitized ?? exif?.DateTime;
    return {
      taken: parseTime(written?.description),
      latitude: within(gps?.Latitude, 90),
      longitude: within(gps?.Longitude, 180),
    };
  } catch {
    return NOTHING_KNOWN;
  }
}

/** `2024:05:01 12:34:56`, the form that EXIF prescribes; cameras without a set clock write zeros. */
function parseTime(text: string | undefined): number | null {
  const match = /^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(text ?? '');
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (year < 1826 || month < 1 || month > 12 || day < 1 || day > 31) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function within(degrees: number | undefined, limit: number): number | null {
  return degrees !== undefined && Math.abs(degrees) <= limit ? degrees : null;
}
