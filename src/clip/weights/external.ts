import { PolarError } from '../../errors.ts';
import type { Weights } from '../graphs/layers.ts';
import { ElementType } from '../graphs/onnx.ts';
import { type Checkpoint, requireTensor } from './safetensors.ts';

const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  F32: ElementType.float,
  F16: ElementType.float16,
  BF16: ElementType.bfloat16,
  F64: ElementType.double,
};

/**
 * A checkpoint's tensors as byte ranges that ONNX graphs point into.
 *
 * @param fileName the name under which the engine finds a tensor's file
 */
export function externalWeights(checkpoint: Checkpoint, fileName: (file: string) => string): Weights {
  return (name, shape) => {
    const tensor = requireTensor(checkpoint, name, shape);
    const type = ELEMENT_TYPES[tensor.dtype];
    if (type === undefined) {
      throw new PolarError(
        `${tensor.file}: tensor ${name} has type ${tensor.dtype}, expected F32, F16 or BF16; choose another export of the model`,
        'unreadable',
      );
    }
    return {
      fileName: fileName(tensor.file),
      offset: tensor.offset,
      byteLength: tensor.byteLength,
      type,
      shape: tensor.shape,
    };
  };
}
