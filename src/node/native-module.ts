import { PolarError } from '../errors.ts';

const SUPPORTED =
  'polar runs on Linux x64 and arm64 with glibc, macOS on Apple silicon, and Windows x64 and arm64';

/**
 * ONNX Runtime, loaded when a model is first used: what needs none works where it cannot be loaded.
 *
 * @throws PolarError in one line where there is no build of it that can be loaded
 */
export async function loadEngine(): Promise<typeof import('onnxruntime-node')> {
  try {
    const { importEngine } = await import('./import-engine.js');
    return await importEngine();
  } catch (error) {
    const here = thisSystem();
    const remedy = `or, several times slower, "npm install onnxruntime-web" beside it; ${here.remedy}`;
    throw nativeProblem('the engine (onnxruntime-node)', error, { ...here, remedy });
  }
}

/** Whether the engine is the WebAssembly build, which stands in where there is none for this machine. */
export const isWebAssembly = (engine: typeof import('onnxruntime-node')): boolean =>
  engine.listSupportedBackends().some(({ name }) => name === 'wasm');

// Words of Node's loader, sharp's and LanceDB's where their native part is missing or made for another system.
const NATIVE =
  /ERR_DLOPEN_FAILED|error loading shared library|\.node['"]|native binding|Could not load the "sharp"/i;

/** Whether an error says that the native part of a package cannot be loaded on this machine. */
export function isNativeProblem(error: unknown): error is Error {
  return (
    error instanceof Error &&
    !(error instanceof PolarError) &&
    NATIVE.test(`${(error as NodeJS.ErrnoException).code} ${error.message}`)
  );
}

/** One line for a native part that cannot be loaded: what is supported, and what helps here. */
export function nativeProblem(part: string, error: unknown, here: System = thisSystem()): PolarError {
  const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
  return new PolarError(
    `${part} cannot be loaded on ${here.name} (${reason}); ${SUPPORTED}; ${here.remedy}`,
    'unreadable',
  );
}

/** A system, and what somebody who has it can do. */
interface System {
  readonly name: string;
  readonly remedy: string;
}

function thisSystem(): System {
  if (process.platform !== 'linux') return systemOf(process.platform, process.arch, true);
  // Else the report asks the network for the names of open connections.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return systemOf(process.platform, process.arch, header?.glibcVersionRuntime !== undefined);
}

/** What to call a system, and what helps on it. */
export function systemOf(platform: string, arch: string, hasGlibc: boolean): System {
  if (platform === 'linux' && !hasGlibc) {
    return {
      name: `Linux ${arch} without glibc (Alpine)`,
      remedy: 'in a container use an image with glibc, such as node:22-slim',
    };
  }
  if (platform === 'darwin' && arch === 'x64') {
    return {
      name: 'an Intel Mac',
      remedy: 'there use the page in a browser (docs/browser.md), or a Linux container',
    };
  }
  const isBuilt = ['linux', 'darwin', 'win32'].includes(platform) && ['x64', 'arm64'].includes(arch);
  return {
    name: `${platform} ${arch}`,
    remedy: isBuilt
      ? 'install it again, leaving no optional dependency out'
      : 'there use the page in a browser (docs/browser.md)',
  };
}
