import { parse } from 'node:path';
import { z } from 'zod';
import { PolarError } from '../../errors.ts';
import { type Capture, within } from '../capture.ts';
import { readSidecar } from '../tags/sidecar.ts';

const placeShape = z.object({ latitude: z.number(), longitude: z.number() });
const takeoutShape = z.object({
  photoTakenTime: z.object({ timestamp: z.string().regex(/^-?\d{1,12}$/) }),
  geoData: placeShape.optional(),
  geoDataExif: placeShape.optional(),
});

// Takeout cuts the names of its JSON files to this length, without the extension.
const CUT = 46;
const METADATA = '.supplemental-metadata';
// What Google Photos calls a copy that was edited, in the languages that were seen.
const EDITED = /-(?:edited|bearbeitet|modifié|editado|modificato|bewerkt|edytowane|redigerad|編集済み)$/iu;

/**
 * When and where a photo was taken, as the JSON file says that Google Takeout puts beside it. Its time is that of
 * Greenwich: the zone of the photo is not kept.
 */
export async function captureFromTakeout(path: string): Promise<Partial<Capture>> {
  const { dir, base } = parse(path);
  for (const name of takeoutNames(base)) {
    try {
      const found = await readSidecar(`${dir}/${name}`);
      if (found === undefined) continue;
      const { success, data } = takeoutShape.safeParse(JSON.parse(found.text));
      if (!success) continue; // of another program
      const place = [data.geoData, data.geoDataExif].find(
        (at) => at && (at.latitude !== 0 || at.longitude !== 0),
      );
      return {
        taken: Number(data.photoTakenTime.timestamp) * 1000,
        latitude: within(place?.latitude, 90),
        longitude: within(place?.longitude, 180),
      };
    } catch (error) {
      if (!(error instanceof PolarError) && !(error instanceof SyntaxError)) throw error; // damaged: says nothing
    }
  }
  return {};
}

/** Names that Takeout may have given to the JSON file of a photo, the likeliest first. */
export function takeoutNames(photo: string): string[] {
  const { name, ext } = parse(photo);
  const original = name.replace(EDITED, '');
  const names = jsonNames(`${name}${ext}`);
  // `X(1).jpg` goes with `X.jpg(1).json`.
  const [, stem, number] = /^(.*)(\(\d+\))$/.exec(name) ?? [];
  if (stem !== undefined) names.push(...jsonNames(`${stem}${ext}`, number));
  if (original !== name) names.push(...takeoutNames(`${original}${ext}`));
  return [...new Set(names)];
}

const jsonNames = (photo: string, number = ''): string[] =>
  [photo, photo.slice(0, CUT), `${photo}${METADATA}`, `${photo}${METADATA}`.slice(0, CUT)].map(
    (start) => `${start}${number}.json`,
  );
