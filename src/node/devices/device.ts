import { PolarError, quote } from '../../errors.ts';

/** Where the image tower runs; everything else always runs on the CPU. */
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda'] as const;
/** `auto` measures; `cuda` needs ONNX Runtime's CUDA files. */
export type Device = (typeof DEVICES)[number];

const isDevice = (name: string): name is Device => (DEVICES as readonly string[]).includes(name);

/**
 * The device that is asked for: by name, else by `POLAR_DEVICE`, else `auto`.
 *
 * @throws PolarError where that is none of them
 */
export function readDevice(device?: string, env: NodeJS.ProcessEnv = process.env): Device {
  const name = device ?? (env.POLAR_DEVICE || 'auto');
  if (isDevice(name)) return name;
  throw new PolarError(
    `${device === undefined ? 'POLAR_DEVICE' : 'the device'} is ${quote(name)}; expected ${DEVICES.slice(0, -1).join(', ')} or ${DEVICES.at(-1)}`,
  );
}

/** How a GPU computes: `half` is faster, and rounds. */
export const PRECISIONS = ['full', 'half'] as const;
/** `full` or `half`. */
export type Precision = (typeof PRECISIONS)[number];

/**
 * The precision that is asked for, else by `POLAR_PRECISION`, else `full`.
 *
 * @throws PolarError where that is none of them
 */
export function readPrecision(precision?: string, env: NodeJS.ProcessEnv = process.env): Precision {
  const name = precision ?? (env.POLAR_PRECISION || 'full');
  if (name === 'full' || name === 'half') return name;
  throw new PolarError(
    `${precision === undefined ? 'POLAR_PRECISION' : 'the precision'} is ${quote(name)}; expected full or half`,
  );
}

/** Why a GPU that was asked for by name cannot be used, and what helps. */
export function deviceProblem(device: 'webgpu' | 'cuda', reason: string): PolarError {
  const remedy =
    device === 'cuda'
      ? 'on Linux x64 with CUDA 12 and cuDNN 9 install the files with "ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node", or use --device webgpu'
      : 'install the driver of the GPU (on Linux with Vulkan and libvulkan1), or use --device cpu';
  return new PolarError(`${device} cannot be used (${reason}); ${remedy}`, 'invalid-input');
}
