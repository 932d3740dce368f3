/// <reference types="vite/client" />

import gpuMjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import gpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import wasmMjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { Device } from '../../browser/engine.ts';

const absolute = (url: string): string => new URL(url, self.location.href).href;

/** ONNX Runtime's own files, which lie beside the page. */
export const RUNTIME_FILES: Readonly<Record<Device, { readonly mjs: string; readonly wasm: string }>> = {
  wasm: { mjs: absolute(wasmMjs), wasm: absolute(wasmWasm) },
  webgpu: { mjs: absolute(gpuMjs), wasm: absolute(gpuWasm) },
};
