import { basename, extname } from 'node:path';
import picomatch from 'picomatch';
import { isRawName } from '../node/pixels/raw-preview.ts';
import type { LeftOutReason } from './left-out.ts';

/** Extensions of the formats that are indexed beside RAW; the content decides how a file is read. */
export const PHOTO_ENDINGS: ReadonlySet<string> = new Set(
  '.jpg .jpeg .jpe .jfif .jif .png .webp .avif .tif .tiff .gif .heic .heif .hif'.split(' '),
);

/** Extensions of videos that are indexed where FFmpeg is installed. */
const VIDEO_ENDINGS = extensions('mp4 m4v mov mkv webm avi');

const KINDS: readonly (readonly [LeftOutReason, ReadonlySet<string>])[] = [
  ['video', extensions('mp4 mov m4v avi mkv webm 3gp 3g2 mts m2ts ts mpg mpeg wmv flv ogv insv lrv')],
  ['raw', extensions('3fr braw crw dcr erf fff gpr iiq k25 kdc mef mos mrw raw sr2 srf x3f')],
  [
    'format',
    extensions(
      'bmp dib jxl jp2 j2k jpf jpx jxr wdp hdp psd psb xcf svg svgz eps ai ico icns tga pcx ppm pgm pbm pnm exr hdr dds apng qoi kra clip afphoto',
    ),
  ],
];

function extensions(list: string): ReadonlySet<string> {
  return new Set(list.split(' ').map((name) => `.${name}`));
}

/** Whether a file of this name is a video that can be indexed. */
export const isVideoName = (name: string): boolean => VIDEO_ENDINGS.has(extname(name).toLowerCase());

/** Whether a file of this name is indexed as a photo, or else why it is not. */
export function kindOf(name: string): 'photo' | LeftOutReason {
  const extension = extname(name).toLowerCase();
  if (PHOTO_ENDINGS.has(extension) || isRawName(name)) return 'photo';
  return KINDS.find(([, list]) => list.has(extension))?.[0] ?? 'other';
}

/**
 * The name that a RAW photo shares with the JPEG that the camera or somebody made of it, without case and extension.
 */
export const nameOfShot = (name: string): string =>
  basename(name, extname(name)).normalize('NFC').toLowerCase();

/** Whether a file may be the developed picture of a RAW photo of the same name. */
export const isDeveloped = (name: string): boolean => PHOTO_ENDINGS.has(extname(name).toLowerCase());

/**
 * Folders that never hold somebody's photos, or only copies of photos that lie elsewhere: thumbnails of storage
 * devices, bins, packages, previews of other photo programs.
 */
export const SKIPPED_FOLDERS = [
  '@eaDir',
  '$RECYCLE.BIN',
  'System Volume Information',
  'lost+found',
  'node_modules',
  'iPod Photo Cache',
  '*.lrdata', // Lightroom's previews
  '*.lrcat-data',
  '*.cocatalogdb',
  '*.app',
] as const;

// Libraries of Apple Photos, iPhoto and Aperture keep a photo up to four times; the originals are in one of these.
const isPackage = picomatch(
  ['*.photoslibrary', '*.photolibrary', '*.migratedphotolibrary', '*.aplibrary', '*.migratedaplibrary'],
  { nocase: true },
);
const ORIGINALS: ReadonlySet<string> = new Set(['originals', 'masters']);

/**
 * Whether a folder is passed over.
 *
 * @param skip names of folders to pass over too, with `*` and `?` as wildcards
 */
export function folderFilter(skip: readonly string[]): (name: string, parent: string) => boolean {
  const isSkipped = picomatch([...SKIPPED_FOLDERS.map((name) => name.replaceAll('$', '\\$')), ...skip], {
    nocase: true,
  });
  return (name, parent) => isSkipped(name) || (isPackage(parent) && !ORIGINALS.has(name.toLowerCase()));
}
