import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import ffprobe from '@ffprobe-installer/ffprobe';
import { photo } from './data.ts';

/** Folders of FFmpeg's programs, which are the same on every machine, with those that the PATH has. */
export function pathWithFfmpeg(): string {
  // Their install scripts, which would do this, are not run.
  for (const { path } of [ffmpeg, ffprobe]) chmodSync(path, 0o755);
  return [dirname(ffmpeg.path), dirname(ffprobe.path), process.env.PATH].join(delimiter);
}

/** A PATH without FFmpeg. */
export const PATH_WITHOUT_FFMPEG = '/nowhere';

/** Runs FFmpeg to make a file. */
export const runFfmpeg = (...args: readonly string[]): Buffer =>
  execFileSync(ffmpeg.path, ['-nostdin', '-v', 'error', '-y', ...args]);

/**
 * Makes a video of photos, a second each.
 *
 * @param photos as `dog/00`
 * @param options of FFmpeg, for its output
 */
export function makeVideoOf(photos: readonly string[], file: string, ...options: readonly string[]): void {
  const inputs = photos.flatMap((name) => ['-loop', '1', '-t', '1', '-i', photo(name)]);
  const fit = 'scale=224:224:force_original_aspect_ratio=increase,crop=224:224,setsar=1,fps=5';
  const scenes = photos.map((_, index) => `[${index}]${fit}[s${index}]`);
  const filter = `${scenes.join(';')};${photos.map((_, index) => `[s${index}]`).join('')}concat=n=${photos.length}`;
  runFfmpeg(...inputs, '-filter_complex', filter, '-pix_fmt', 'yuv420p', ...options, file);
}
