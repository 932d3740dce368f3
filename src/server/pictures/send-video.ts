import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { HTTPException } from 'hono/http-exception';
import { PolarError } from '../../errors.ts';
import { openPhoto } from '../../library/export/copy-file.ts';
import { tell } from '../../messages.ts';

// A browser that does not know the container by itself plays none of the others either.
const TYPES: Readonly<Record<string, string>> = {
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.avi': 'video/x-msvideo',
};

/**
 * A video, or the part of it that a player asks for.
 *
 * @param path absolute, as the index has it
 * @param range the request's header
 * @throws HTTPException 404 when the file is not there any more, 416 when it has no such part
 */
export async function sendVideo(path: string, range: string | undefined): Promise<Response> {
  const file = await openPhoto(path).catch((error: unknown) => {
    if (!(error instanceof PolarError)) throw error;
    throw new HTTPException(404, { message: tell('video.gone') });
  });
  const { size } = await file.stat();
  const part = partOf(range, size);
  if (part === undefined) {
    await file.close();
    throw new HTTPException(416, { message: `expected a part of ${size} bytes` });
  }
  const { start, end } = part;
  const body = size === 0 ? null : Readable.toWeb(file.createReadStream({ start, end }));
  if (body === null) await file.close();
  return new Response(body as ReadableStream | null, {
    status: part.isWhole ? 200 : 206,
    headers: {
      'content-type': TYPES[extname(path).toLowerCase()] ?? 'video/mp4',
      'content-length': String(end - start + 1),
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      ...(part.isWhole ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }),
    },
  });
}

interface Part {
  readonly start: number;
  /** The last byte. */
  readonly end: number;
  readonly isWhole: boolean;
}

/** The part that `bytes=100-199`, `bytes=100-` or `bytes=-100` means; several parts, or another unit, are all of it. */
export function partOf(range: string | undefined, size: number): Part | undefined {
  const whole = { start: 0, end: size - 1, isWhole: true };
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return whole;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start <= end && start < size ? { start, end, isWhole: false } : undefined;
}
