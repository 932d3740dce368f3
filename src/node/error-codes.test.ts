import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode, PolarError } from '../errors.ts';
import { readConnection } from '../immich/connection.ts';
import { scanPhotos } from '../library/scan.ts';
import { checkConceptName } from '../polar/concept/concept-name.ts';
import { readReleasedCheckpoint } from './concepts/checkpoint-file.ts';
import { readConcept } from './concepts/concept-folder.ts';
import { ConceptStore } from './concepts/concept-store.ts';
import { writeBeside } from './files.ts';
import { resolveModel } from './hub/fetch-model.ts';
import { decodeImage } from './pixels/picture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-codes-'));
  await writeFile(join(folder, 'file'), 'no picture');
});
afterAll(() => rm(folder, { recursive: true }));

it.each<[ErrorCode, string, () => unknown]>([
  ['not-found', 'a folder that is not there', () => readConcept(join(folder, 'none'))],
  ['not-found', 'a picture that is not there', () => decodeImage(join(folder, 'none.jpg'))],
  ['not-found', 'a concept that is not there', () => new ConceptStore(join(folder, 'none')).get('Rex')],
  ['not-found', 'a folder of photos that is not there', () => scanPhotos(join(folder, 'none'))],
  ['not-found', 'a server that was never connected', () => readConnection(folder, {})],
  ['unreadable', 'a file in place of a folder of photos', () => scanPhotos(join(folder, 'file'))],
  ['unreadable', 'a picture that is none', () => decodeImage(join(folder, 'file'))],
  ['unreadable', 'a checkpoint that is none', () => readReleasedCheckpoint(join(folder, 'file'))],
  ['unwritable', 'a file below a file', () => writeBeside(join(folder, 'file', 'below'), '')],
  ['invalid-input', 'a name that cannot be used', () => checkConceptName('../Rex')],
  [
    'unreachable',
    'a model that may not be fetched',
    () => resolveModel('org/name', { offline: true, cacheFolder: folder }),
  ],
])('the code %s is given for %s', async (code, _what, act) => {
  const error = await (async () => act())().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PolarError);
  expect((error as PolarError).code).toBe(code);
  expect(ERROR_CODES).toContain(code);
});
