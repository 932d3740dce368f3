import type { FileHandle } from 'node:fs/promises';
import { openPhoto } from '../export/copy-file.ts';

// What Apple writes into the video of a Live Photo: the id that its picture has too, or the time of the picture in it.
const MARKS = ['com.apple.quicktime.content.identifier', 'com.apple.quicktime.still-image-time'];
const LONGEST_MARK = 64;
// The directory of such a video is small, and stands at its end or its start.
const PART = 2 ** 17;

/** Whether a video is the moving part of a Live Photo, as it says itself. What cannot be read is none. */
export async function isLivePhotoVideo(path: string): Promise<boolean> {
  let handle: FileHandle | undefined;
  try {
    handle = await openPhoto(path);
    const { size } = await handle.stat();
    return (
      (await hasMark(handle, Math.max(0, size - PART))) ||
      (size > PART && (await hasMark(handle, 0, Math.min(PART, size - PART) + LONGEST_MARK)))
    );
  } catch {
    return false;
  } finally {
    await handle?.close().catch(() => {});
  }
}

async function hasMark(handle: FileHandle, from: number, length = PART): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
  const part = buffer.subarray(0, bytesRead);
  return MARKS.some((mark) => part.includes(mark, 0, 'latin1'));
}
