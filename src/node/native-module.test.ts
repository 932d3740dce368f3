import { expect, it } from 'vitest';
import { isNativeProblem, nativeProblem, systemOf } from './native-module.ts';

it.each([
  ['linux', 'x64', false, /on Linux x64 without glibc \(Alpine\) .* image with glibc, such as node:22-slim$/],
  ['darwin', 'x64', true, /on an Intel Mac .* or a Linux container$/],
  ['linux', 'riscv64', true, /on linux riscv64 .* the page in a browser \(docs\/browser.md\)$/],
  ['win32', 'x64', true, /on win32 x64 .* install it again, leaving no optional dependency out$/],
] as const)(
  '%s %s, glibc %s: one line says what is supported and what helps',
  (platform, arch, glibc, message) => {
    const error = new Error('Error loading shared library ld-linux-x86-64.so.2\nneeded by x.node');
    const { message: line } = nativeProblem('the engine', error, systemOf(platform, arch, glibc));
    expect(line).toMatch(message);
    expect(line).toMatch(
      /^the engine cannot be loaded on .*; polar runs on Linux x64 and arm64 with glibc, macOS/,
    );
    expect(line).not.toContain('\n');
  },
);

it('tells what a loader says from other errors', () => {
  for (const message of [
    "Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'",
    'Error loading shared library ld-linux-x86-64.so.2: No such file or directory',
    'Could not load the "sharp" module using the linuxmusl-x64 runtime\nPossible solutions:',
    'Failed to load native binding',
  ]) {
    expect(isNativeProblem(new Error(message)), message).toBe(true);
  }
  expect(isNativeProblem(Object.assign(new Error('x'), { code: 'ERR_DLOPEN_FAILED' }))).toBe(true);
  expect(isNativeProblem(new Error('a node is missing'))).toBe(false);
});
