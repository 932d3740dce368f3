import type { Metadata } from 'sharp';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { DECODING } from './memory-budget.ts';

/** What a decoder is asked for. */
export interface Target {
  readonly width: number;
  readonly height: number;
  /** Whether it shrinks the picture while it reads it. */
  readonly shrinks: boolean;
}

const SAMPLE_BYTES: Readonly<Record<string, number>> = {
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  complex: 8,
  double: 8,
  dpcomplex: 16,
};

// Rows that libvips holds between the steps of its pipeline, at the most.
const ROWS_IN_FLIGHT = 256;
// A thread with Node and the HEIC decoder, 24 MB here.
const HEIC_THREAD_BYTES = 32 * 2 ** 20;
// The decoded picture, a copy where it is turned, and one that is premultiplied.
const COPIES = 3;

/**
 * Bytes that decoding a picture takes at the most, from its header alone. The decoders differ: one that reads row by
 * row holds little, however large the picture is; one that needs the whole picture holds all of its samples.
 */
export function decodingBytes(metadata: Metadata, target: Target): number {
  const { width, height, channels = 4, depth = 'uchar' } = metadata;
  const pixels = width * (metadata.pageHeight ?? height);
  const sample = SAMPLE_BYTES[depth] ?? 1;
  const rows = width * channels * sample * ROWS_IN_FLIGHT;
  const output = target.width * target.height * Math.min(channels, 4) * COPIES;
  const thread = metadata.compression === 'hevc' ? HEIC_THREAD_BYTES : 0;
  return thread + pixels * wholeBytes(metadata, channels, sample) + rows + output;
}

/** Bytes a pixel that the decoder of a format holds of the whole picture. */
function wholeBytes(metadata: Metadata, channels: number, sample: number): number {
  switch (metadata.format) {
    case 'jpeg':
      // Progressive: the coefficients of all blocks, two bytes each, until the last scan was read.
      if (!metadata.isProgressive) return 0;
      return metadata.chromaSubsampling === '4:2:0' ? 3 : 2 * channels;
    case 'png':
      return metadata.isProgressive ? channels * sample : 0; // Adam7: no row is complete before the last pass
    case 'webp':
      return 8; // the frame, and as much inside the decoder
    case 'heif':
      // Planes, and RGB made of them; HEIC as RGBA twice, inside the WebAssembly decoder and out of it.
      return metadata.compression === 'hevc' ? 12 : 6 * sample;
    case 'gif':
      return 8;
    default:
      return channels * sample; // TIFF, which may be a single strip
  }
}

/**
 * @param name what messages call the picture
 * @returns the bytes that decoding takes
 * @throws PolarError when they are more than is allowed on this machine
 */
export function requireMemory(name: string, metadata: Metadata, target: Target): number {
  const bytes = decodingBytes(metadata, target);
  if (bytes <= DECODING.limit) return bytes;
  throw new PolarError(
    `${name}: ${tell('photo.memory', { width: String(metadata.width), height: String(metadata.height), needed: gigabytes(bytes), most: gigabytes(DECODING.limit) })}`,
    'too-large',
  );
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
