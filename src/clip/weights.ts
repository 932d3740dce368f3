import { basename, dirname } from 'node:path';
import { PolarError } from '../errors.ts';
import type { ModelLocation } from './hub.ts';
import type { Weights } from './layers.ts';
import { ElementType } from './onnx.ts';
import { openCheckpoint, requireTensor } from './safetensors.ts';

const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  F32: ElementType.float,
  F16: ElementType.float16,
  BF16: ElementType.bfloat16,
  F64: ElementType.double,
};

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
  const weights: Weights = (name, shape) => {
    const tensor = requireTensor(checkpoint, name, shape);
    const type = ELEMENT_TYPES[tensor.dtype];
    if (type === undefined) {
      throw new PolarError(
        `${tensor.file}: tensor ${name} has type ${tensor.dtype}, expected F32, F16 or BF16; choose another export of the model`,
      );
    }
    return {
      fileName: basename(tensor.file),
      offset: tensor.offset,
      byteLength: tensor.byteLength,
      type,
      shape: tensor.shape,
    };
  };
  return { weights, folder };
}
