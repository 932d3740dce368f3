// Deletes from node_modules what this platform never loads: other platforms' binaries, source maps, declarations.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
// What builds keep for the next one.
rmSync(join(folder, '.cache'), { recursive: true, force: true });
for (const system of ['darwin', 'linux', 'win32']) {
  for (const processor of ['arm64', 'x64']) {
    if (system === process.platform && processor === process.arch) continue;
    rmSync(join(folder, 'onnxruntime-node/bin/napi-v6', system, processor), { recursive: true, force: true });
  }
}
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && /\.(?:map|d\.[cm]?ts)$/.test(entry.name))
    rmSync(join(entry.parentPath ?? entry.path, entry.name));
}
