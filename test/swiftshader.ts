import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

// Where it really lies: the driver's file names the library, and a link to these packages may go before they do.
const modules = realpathSync(fileURLToPath(new URL('../node_modules', import.meta.url)));
const packaged = join(modules, '@sparticuz/chromium/bin/swiftshader.tar.br');

/**
 * What a process needs in its environment to find a WebGPU adapter in software and no other; undefined on platforms
 * that it is not built for. The Vulkan of the packaged Chromium, unpacked once beside the other packages.
 */
export function swiftShader(): Record<string, string> | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !existsSync(packaged)) return undefined;
  const cache = join(modules, '.cache');
  const folder = join(cache, 'swiftshader');
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const partial = mkdtempSync(`${folder}.partial-`);
    execFileSync('tar', ['-x', '-C', partial], { input: brotliDecompressSync(readFileSync(packaged)) });
    const driver = { library_path: join(folder, 'libvk_swiftshader.so'), api_version: '1.1.0' };
    writeFileSync(join(partial, 'icd.json'), JSON.stringify({ file_format_version: '1.0.0', ICD: driver }));
    try {
      renameSync(partial, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // another test file was quicker
      rmSync(partial, { recursive: true });
    }
  }
  const libraries = [process.env.LD_LIBRARY_PATH, folder].filter(Boolean).join(':');
  const icd = join(folder, 'icd.json');
  return { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd, LD_LIBRARY_PATH: libraries };
}
