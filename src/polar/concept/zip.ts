import { Unzip, UnzipInflate, zipSync } from 'fflate';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, decodeConcept, encodeConcept, FEATURES } from './adapter.ts';
import type { Concept } from './concept.ts';

/** Bytes of a zipped concept, and of what it unpacks to: it has a few hundred kilobytes; a zip can promise anything. */
export const MAX_ZIP_BYTES = 10_000_000;
// Unpacked at once; deflate makes a thousand times more of it at most, which is looked at before the next piece.
const PIECE = 4096;

/** A concept as a zip file of its PEFT adapter; unpacked, `polar concepts import` and Python's `peft` take it. */
export function zipConcept(concept: Concept): Uint8Array {
  return zipSync(Object.fromEntries(encodeConcept(concept)), { level: 0 });
}

/**
 * Reads a concept from a zip file of a PEFT adapter; a folder around its files is no matter.
 *
 * @param fileName for messages, and the concept's name where the adapter does not say it
 * @throws PolarError when it is no such file, or damaged
 */
export function unzipConcept(zip: Uint8Array, fileName: string): Concept {
  const files = unzip(zip, fileName);
  const folderName = fileName.replace(/\.zip$/i, '');
  return decodeConcept({ folderName, pathOf: (name) => `${fileName}: ${name}`, files });
}

/** The files of a concept in a zip file, by name without a folder; what it unpacks to is never larger than allowed. */
function unzip(zip: Uint8Array, fileName: string): Map<string, Uint8Array> {
  const pieces = new Map<string, Uint8Array[]>();
  let total = 0;
  let failed = !isZip(zip);
  const reader = new Unzip((entry) => {
    const name = entry.name.split('/').at(-1)!;
    if (![ADAPTER_CONFIG, ADAPTER_WEIGHTS, FEATURES].includes(name) || pieces.has(name)) return;
    const parts: Uint8Array[] = [];
    pieces.set(name, parts);
    entry.ondata = (error, piece) => {
      if (error) failed = true;
      else {
        total += piece.length;
        parts.push(piece);
      }
    };
    entry.start();
  });
  reader.register(UnzipInflate);
  for (let start = 0; start < zip.length && !failed; start += PIECE) {
    try {
      reader.push(zip.subarray(start, start + PIECE), start + PIECE >= zip.length);
    } catch {
      failed = true;
    }
    if (total > MAX_ZIP_BYTES) {
      throw new PolarError(
        `${fileName}: ${tell('concept.unpacks', { megabytes: MAX_ZIP_BYTES / 1e6 })}`,
        'too-large',
      );
    }
  }
  if (failed) throw new PolarError(`${fileName}: ${tell('concept.no-zip')}`, 'unreadable');
  return new Map([...pieces].map(([name, parts]) => [name, join(parts)]));
}

/** Whether it begins as zip files do, with a file or with the list of none. */
const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}
