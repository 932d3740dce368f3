import { unzipSync, zipSync } from 'fflate';
import { PolarError } from '../errors.ts';
import type { Concept } from './concept.ts';
import {
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  decodeConcept,
  encodeConcept,
  FEATURES,
} from './concept-adapter.ts';

// A concept has a few hundred kilobytes at most; a zip file can promise anything.
const MAX_FILE_BYTES = 50_000_000;

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
  const files = new Map<string, Uint8Array>();
  try {
    const entries = unzipSync(zip, {
      filter: ({ name, originalSize }) => isOfConcept(baseName(name)) && originalSize <= MAX_FILE_BYTES,
    });
    for (const [path, bytes] of Object.entries(entries)) files.set(baseName(path), bytes);
  } catch {
    throw new PolarError(`${fileName}: not a zip file that can be read; choose a downloaded concept`);
  }
  const folderName = fileName.replace(/\.zip$/i, '');
  return decodeConcept({ folderName, pathOf: (name) => `${fileName}: ${name}`, files });
}

const baseName = (path: string): string => path.split('/').at(-1)!;

const isOfConcept = (name: string): boolean => [ADAPTER_CONFIG, ADAPTER_WEIGHTS, FEATURES].includes(name);
