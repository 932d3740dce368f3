import { basename, dirname } from 'node:path';
import { PolarError } from '../errors.ts';
import { externalWeights } from './external-weights.ts';
import type { ModelLocation } from './hub.ts';
import type { Weights } from './layers.ts';
import { openCheckpoint } from './safetensors.ts';

/** A checkpoint's tensors as byte ranges that ONNX graphs point into, and the one folder that holds the files. */
export async function openWeights(
  location: ModelLocation,
): Promise<{ readonly weights: Weights; readonly folder: string }> {
  const checkpoint = await openCheckpoint(location.files);
  const folders = new Set([...checkpoint.tensors.values()].map((tensor) => dirname(tensor.file)));
  const [folder] = folders;
  if (folder === undefined || folders.size > 1) {
    throw new PolarError(
      `${location.id}: the weight files lie in ${folders.size} folders, expected one; put them side by side`,
    );
  }
  return { weights: externalWeights(checkpoint, basename), folder };
}
