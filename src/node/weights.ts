import { basename, dirname } from 'node:path';
import type { FamilyName } from '../clip/config.ts';
import type { Weights } from '../clip/graphs/layers.ts';
import { externalWeights } from '../clip/weights/external.ts';
import { PolarError } from '../errors.ts';
import type { ModelLocation } from './local-model.ts';
import { openCheckpoint } from './weight-file.ts';

/** A checkpoint's tensors as byte ranges that ONNX graphs point into, and the one folder that holds the files. */
export async function openWeights(
  location: ModelLocation,
  family: FamilyName,
): Promise<{ readonly weights: Weights; readonly folder: string }> {
  const checkpoint = await openCheckpoint(location.files);
  const folders = new Set([...checkpoint.tensors.values()].map((tensor) => dirname(tensor.file)));
  const [folder] = folders;
  if (folder === undefined || folders.size > 1) {
    throw new PolarError(
      `${location.id}: the weight files lie in ${folders.size} folders, expected one; put them side by side`,
      'unreadable',
    );
  }
  return { weights: externalWeights(checkpoint, family, basename), folder };
}
