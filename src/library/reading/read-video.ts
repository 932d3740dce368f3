import { cropToRgb } from '../../clip/pixels/preprocess.ts';
import { PassingError, PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import type { Clip } from '../../node/load-clip.ts';
import { MemoryBudget } from '../../node/pixels/memory-budget.ts';
import { type FileFacts, withLargeFile } from '../../node/pixels/photo-file.ts';
import { withDecodedImage } from '../../node/pixels/picture.ts';
import { photoDecoding } from '../../node/pixels/picture-batch.ts';
import { probeVideo, stillTimes, takeStill } from '../../node/video/video.ts';
import { captureOfVideo } from '../dates/capture-of.ts';
import type { PhotoRow } from '../photo-store.ts';
import type { ReadPhoto } from './read-photo.ts';

const STILLS = 3;

// FFmpeg holds a few pictures at once, of 8K some 50 MB each; two videos are read beside each other.
const VIDEO_BYTES = 2 ** 29;
const VIDEOS = new MemoryBudget(2 * VIDEO_BYTES);

/**
 * Reads a video for the index: some pictures of it, each with its time.
 *
 * @param empty a row with nothing but the file
 * @throws PolarError when it is no video that can be read
 */
export function readVideo(
  empty: PhotoRow,
  embedded: (hash: string) => boolean,
  clip: Clip,
  stills = STILLS,
): Promise<ReadPhoto> {
  return VIDEOS.use(VIDEO_BYTES, () =>
    withLargeFile(empty.path, async (file) => {
      const row = { ...empty, ...file };
      return embedded(file.hash) ? { state: 'known', row } : decode(row, file, clip, stills);
    }),
  );
}

async function decode(row: PhotoRow, { hash }: FileFacts, clip: Clip, count: number): Promise<ReadPhoto> {
  const rows: PhotoRow[] = [];
  const pixels: Uint8Array[] = [];
  let refused: PolarError | undefined;
  const { path } = row;
  const facts = await probeVideo(path);
  const { seconds, tags } = facts;
  const capture = await captureOfVideo(path, tags);
  for (const at of stillTimes(seconds, count)) {
    try {
      const picture = { name: path, bytes: await takeStill(path, at, facts) };
      await withDecodedImage(picture, photoDecoding(clip.preprocessorConfig), async (image) => {
        rows.push({ ...row, ...capture, ...image.original, hash, at, still: rows.length });
        pixels.push(cropToRgb(image, clip.preprocessorConfig));
      });
    } catch (error) {
      // A video that breaks off early has pictures before that.
      if (error instanceof PassingError || !(error instanceof PolarError)) throw error;
      refused = error;
    }
  }
  if (rows.length > 0) return { state: 'decoded', rows, pixels };
  throw refused ?? new PolarError(`${path}: ${tell('video.no-picture')}`, 'unreadable');
}
