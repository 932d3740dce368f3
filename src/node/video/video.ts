import { PassingError, PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { runTool, type ToolLimits, type VideoTool } from './run-tool.ts';

/** What a video's container says. */
export interface VideoFacts {
  /** How long it is; null where it does not say, as a recording that was broken off. */
  readonly seconds: number | null;
  /** Whether its brightness is coded for a screen with a high dynamic range (HDR10, Dolby Vision, HLG). */
  readonly isHdr: boolean;
  /** What the camera wrote, by name, as `com.apple.quicktime.creationdate`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Containers that are read. Playlists and the like are none of them: they name other files and addresses. */
const CONTAINERS = 'mov,mp4,matroska,webm,avi';

// A phone's video takes a tenth of a second; one on a slow drive, or made to take hours, must end.
const LIMITS: ToolLimits = { seconds: 60, bytes: 64e6 };
const LARGEST_ALLOCATION = 2 ** 29;
const MOST_PIXELS = 2 ** 27; // 8K has 33 million

// The name is never an option or an address of its own.
const guarded = (path: string): string[] => [
  ...['-v', 'error', '-protocol_whitelist', 'file', '-format_whitelist', CONTAINERS, '-i', `file:${path}`],
];

/** What ffprobe answers. Made for the first video: loading Zod takes a tenth of a second, and most commands see none. */
async function probeShape() {
  const { z } = await import('zod');
  return z.object({
    streams: z.array(z.object({ color_transfer: z.string().optional() })),
    format: z.object({
      duration: z.coerce.number().positive().finite().optional().catch(undefined),
      tags: z.record(z.string(), z.string()).optional().catch(undefined),
    }),
  });
}

/**
 * Reads what a video's container says.
 *
 * @param path absolute
 * @throws PolarError when it is no video that can be read; PassingError when that took too long
 */
export async function probeVideo(path: string): Promise<VideoFacts> {
  const wanted = 'stream=codec_name,color_transfer:format=duration:format_tags';
  const args = ['-select_streams', 'V', '-show_entries', wanted, '-of', 'json', ...guarded(path)];
  const output = await orUnreadable(path, 'ffprobe', args);
  const { streams, format } = (await probeShape()).parse(JSON.parse(Buffer.from(output).toString()));
  const [first] = streams;
  if (first === undefined) throw new PolarError(`${path}: ${tell('video.none')}`, 'unreadable');
  const isHdr = HDR.has(first.color_transfer ?? '');
  return { seconds: format.duration ?? null, isHdr, tags: format.tags ?? {} };
}

// Transfer functions: SMPTE ST 2084 (PQ) and hybrid log-gamma.
const HDR = new Set(['smpte2084', 'arib-std-b67']);

// To the colours of a screen: linear light with 203 cd/m2 as white (ITU-R BT.2408), the gamut of BT.709, highlights rolled
// off. Of a photo that was coded as PQ it gives grey values 5 away on average, without it 29; "hable" 19 at best.
const TO_SCREEN = [
  ...['zscale=t=linear:npl=203', 'format=gbrpf32le', 'zscale=p=bt709', 'tonemap=tonemap=mobius:desat=0'],
  ...['zscale=t=bt709:m=bt709:r=tv', 'format=yuv420p'],
];

/** Whether FFmpeg was built with what maps HDR; without it such pictures are dull. */
async function canMapHdr(): Promise<boolean> {
  const filters = Buffer.from(await runTool('ffmpeg', ['-v', 'error', '-filters'], LIMITS)).toString();
  return / zscale /.test(filters) && / tonemap /.test(filters);
}

/** Longer sides of stills, in pixels: that of a screen. */
const STILL_SIDE = 2048;

/**
 * One picture of a video, upright, in the colours of a screen, as PNG.
 *
 * @param path absolute
 * @param at seconds from its start
 * @throws PolarError when there is none at that time; PassingError when that took too long
 */
export async function takeStill(
  path: string,
  at: number,
  { isHdr }: Pick<VideoFacts, 'isHdr'>,
): Promise<Uint8Array> {
  const fit = `scale=w='min(${STILL_SIDE},iw*sar)':h='min(${STILL_SIDE},ih)':force_original_aspect_ratio=decrease`;
  const filters = isHdr && (await canMapHdr()) ? [fit, ...TO_SCREEN] : [fit];
  const args = [
    ...['-nostdin', '-threads', '1', '-max_alloc', String(LARGEST_ALLOCATION)],
    ...['-max_pixels', String(MOST_PIXELS), '-ss', at.toFixed(3), ...guarded(path)],
    ...[
      '-map',
      '0:V:0',
      '-frames:v',
      '1',
      '-vf',
      filters.join(','),
      '-c:v',
      'png',
      '-f',
      'image2pipe',
      'pipe:1',
    ],
  ];
  const still = await orUnreadable(path, 'ffmpeg', args);
  if (still.length > 0) return still;
  throw new PolarError(`${path}: ${tell('video.damaged-at', { time: at.toFixed(1) })}`, 'unreadable');
}

async function orUnreadable(path: string, tool: VideoTool, args: readonly string[]): Promise<Uint8Array> {
  try {
    return await runTool(tool, args, LIMITS);
  } catch (error) {
    const { message } = error as Error;
    if (/^timeout|not on the PATH$/.test(message)) {
      throw new PassingError(`${path}: ${message}`, message.startsWith('timeout') ? 'ETIMEDOUT' : 'ENOENT');
    }
    const why = message.replaceAll(`file:${path}: `, '');
    throw new PolarError(`${path}: ${tell('video.damaged', { why })}`, 'unreadable');
  }
}

/** When stills are taken: three at 25, 50 and 75 % of the time, any number as evenly. At the start where that is unknown. */
export function stillTimes(seconds: number | null, count: number): number[] {
  if (seconds === null) return [0];
  return Array.from({ length: count }, (_, index) => (seconds * (index + 1)) / (count + 1));
}
