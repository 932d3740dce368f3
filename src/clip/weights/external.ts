import { PolarError } from '../../errors.ts';
import type { FamilyName } from '../config.ts';
import { FAMILIES } from '../families/describe.ts';
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
 * A checkpoint's tensors as byte ranges that ONNX graphs point into: nothing is copied, neither where several weights
 * lie in one tensor nor where a matrix is stored transposed.
 *
 * @param family what the config describes
 * @param fileName the name under which the engine finds a tensor's file
 * @throws PolarError when the checkpoint is of another family
 */
export function externalWeights(
  checkpoint: Checkpoint,
  family: FamilyName,
  fileName: (file: string) => string,
): Weights {
  requireFamily(checkpoint, family);
  return (name, shape) => {
    const {
      tensor,
      part,
      transposed = false,
    } = FAMILIES[family].place(name, (other) => checkpoint.tensors.has(other));
    const [rows = 1, ...columns] = shape;
    const stored = transposed ? shape.toReversed() : [rows * (part?.of ?? 1), ...columns];
    const info = requireTensor(checkpoint, tensor, stored);
    const type = ELEMENT_TYPES[info.dtype];
    if (type === undefined) {
      throw new PolarError(
        `${info.file}: tensor ${tensor} has type ${info.dtype}, expected F32, F16 or BF16; choose another export of the model`,
        'unreadable',
      );
    }
    const byteLength = info.byteLength / (part?.of ?? 1);
    return {
      fileName: fileName(info.file),
      offset: info.offset + (part?.index ?? 0) * byteLength,
      byteLength,
      type,
      shape: part === undefined ? stored : shape,
      transposed,
    };
  };
}

/** Refuses the weights of another family, which lack most of what the graphs will ask for. */
function requireFamily({ tensors }: Checkpoint, family: FamilyName): void {
  if (tensors.has(FAMILIES[family].mark)) return;
  const other = Object.values(FAMILIES).find(({ mark }) => tensors.has(mark));
  const [any] = tensors.values();
  throw new PolarError(
    `${any?.file ?? 'weights'}: holds the weights of ${other?.title ?? 'another kind of model'}, the config describes ${FAMILIES[family].title}; the files are of different models, download the model again`,
    'unreadable',
  );
}
