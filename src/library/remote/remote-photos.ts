import { createHash } from 'node:crypto';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { withPhotoFile } from '../../node/pixels/photo-file.ts';
import { probeVideo, takeStill } from '../../node/video/video.ts';
import { isVideoName } from '../kinds.ts';
import { isAddress } from './address.ts';

/** What is known of a photo of another server, besides its row. */
export interface RemotePhotoFacts {
  /** Of the file, without its folder. */
  readonly name: string;
  /** Of the original. */
  readonly bytes: number;
}

/** A photo as it was uploaded. */
export interface RemoteOriginal {
  /** Of the file, as the server has it: to be checked before it names a file here. */
  readonly name: string;
  /** When the file was changed last, milliseconds since 1970. */
  readonly modified: number;
  /** Throws a `PolarError` where the answer is cut off. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** The photos of another server: in the index an address stands in the place of a path. */
export interface RemotePhotos {
  /**
   * A copy of a photo that fills a screen, as it is now.
   *
   * @param address as the index has it
   * @throws PolarError `not-found` when it is gone or of a server that is not connected, `unreachable` when the server
   *   does not answer
   */
  read(address: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** @throws PolarError as `read` */
  describe(address: string, signal?: AbortSignal): Promise<RemotePhotoFacts>;
  /** @throws PolarError as `read`, and where the key may not fetch originals */
  original(address: string, signal?: AbortSignal): Promise<RemoteOriginal>;
}

/** Why something cannot be done with a photo of another server, and what can. */
export const IN_IMMICH = tell('file.immich');

/** The bytes of a photo, of this machine or of another server, and their SHA-256, hexadecimal. */
export interface PhotoContent {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

/**
 * As `withPhoto`, for a picture to be shown: of a video its picture at a time, as PNG.
 *
 * @param at seconds, as the index has them
 * @throws PolarError as `withPhoto` and `takeStill`
 */
export async function withPictureOf<T>(
  path: string,
  at: number | null,
  remote: RemotePhotos | undefined,
  use: (photo: PhotoContent) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (!isVideoName(path)) return withPhoto(path, remote, use, signal);
  const bytes = await takeStill(path, at ?? 0, await probeVideo(path));
  return use({ bytes, hash: hashOf(bytes) });
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Reads a photo of the index, wherever it is, and works with its bytes.
 *
 * @param remote where addresses are read; without it none can be
 * @throws PolarError as `withPhotoFile` and `RemotePhotos.read`
 */
export async function withPhoto<T>(
  path: string,
  remote: RemotePhotos | undefined,
  use: (photo: PhotoContent) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (isVideoName(path)) throw new PolarError(`${path}: ${tell('photo.is-video')}`);
  if (!isAddress(path)) return withPhotoFile(path, use);
  if (remote === undefined) throw new PolarError(`${path}: ${tell('server.not-connected')}`, 'not-found');
  const bytes = await remote.read(path, signal);
  return use({ bytes, hash: hashOf(bytes) });
}
