import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

// By the header: ELF's e_machine, the cputype of a Mach-O file of 64 bits, the machine of a PE file.
const ELF: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };
const MACH_O: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };
const PE: Readonly<Record<number, string>> = { 34404: 'x64', 43620: 'arm64' };
const HEADER_BYTES = 1024;

/**
 * The platform that a binary is for, as Node names it, such as `linux-x64`.
 *
 * @param header its first kilobyte
 * @returns undefined for a file that is no such binary
 */
export function platformOf(header: Buffer): string | undefined {
  if (header.length < 64) return undefined;
  if (header.readUInt32BE(0) === 0x7f454c46) return named('linux', ELF[header.readUInt16LE(18)]);
  if (header.readUInt32LE(0) === 0xfeedfacf) return named('darwin', MACH_O[header.readUInt32LE(4)]);
  if (header.toString('latin1', 0, 2) !== 'MZ') return undefined;
  const at = header.readUInt32LE(60); // of the PE header
  if (at + 6 > header.length || header.toString('latin1', at, at + 4) !== 'PE\0\0') return undefined;
  return named('win32', PE[header.readUInt16LE(at + 4)]);
}

const named = (os: string, cpu = 'another processor'): string => `${os}-${cpu}`;

/**
 * Looks at every binary below a folder.
 *
 * @returns their paths in it
 * @throws when one is for another platform, or there is none
 */
export async function checkBinaries(folder: string, platform: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const own = platformOf(await headerOf(file));
    if (own === undefined) continue;
    const path = relative(folder, file).replaceAll('\\', '/');
    if (own !== platform) throw new Error(`${path}: a binary for ${own}, expected ${platform}`);
    found.push(path);
  }
  if (found.length === 0) throw new Error(`${folder}: no binary in it, expected those for ${platform}`);
  return found.sort();
}

async function headerOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
