import { basename, extname } from 'node:path';
import { type Capture, parseTime } from '../capture.ts';

// `IMG_20240131_123456`, `PXL_20240131_123456789`, `Screenshot_2024-01-31-12-34-56`, `WhatsApp Image 2024-01-31 at 12.34.56`
const WITH_TIME =
  /(?<!\d)((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?:[-_ T.]|\s+\p{L}{1,3}\s+)(\d\d)[-_.: ]?(\d\d)[-_.: ]?(\d\d)(?:\d{3})?(?!\d)/u;
// WhatsApp's own copies say the day alone: `IMG-20240131-WA0001`.
const WHATSAPP = /^(?:IMG|VID)-(\d{4})(\d\d)(\d\d)-WA\d+/i;
const DAY = /(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)/;
const DAY_MS = 86_400_000;

/** When a photo was taken, as phones and programs write it into its name; other digits say nothing. */
export async function captureFromName(path: string): Promise<Partial<Capture>> {
  const name = basename(path, extname(path));
  const [, year, month, day, hour = '00', minute = '00', second = '00'] =
    WITH_TIME.exec(name) ?? WHATSAPP.exec(name) ?? DAY.exec(name) ?? [];
  const taken = parseTime(year && `${year}-${month}-${day}T${hour}:${minute}:${second}`);
  return { taken: taken !== null && taken < Date.now() + DAY_MS ? taken : null };
}
