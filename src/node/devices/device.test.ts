import { expect, it } from 'vitest';
import { readDevice, readPrecision } from './device.ts';

it('takes a device and a precision by name, else from the environment, else measures in full precision', () => {
  const env = { POLAR_DEVICE: 'cpu', POLAR_PRECISION: 'half' };
  expect([readDevice('webgpu', env), readDevice(undefined, env), readDevice(undefined, {})]).toEqual([
    'webgpu',
    'cpu',
    'auto',
  ]);
  expect([readPrecision('full', env), readPrecision(undefined, env), readPrecision(undefined, {})]).toEqual([
    'full',
    'half',
    'full',
  ]);
});

it('says where a name is from that is none of them', () => {
  expect(() => readDevice('tpu')).toThrow('the device is "tpu"; expected auto, cpu, webgpu or cuda');
  expect(() => readDevice(undefined, { POLAR_DEVICE: 'gpu' })).toThrow('POLAR_DEVICE is "gpu"');
  expect(() => readPrecision(undefined, { POLAR_PRECISION: 'int8' })).toThrow('expected full or half');
});
