// Deletes from a built checkout what the container never loads: other platforms' binaries, the page that is published
// for browsers (with an engine of its own), source maps, declarations.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [root] = process.argv.slice(2);
const folder = join(root, 'node_modules');
rmSync(join(root, 'dist/pages/browser'), { recursive: true, force: true });
// What builds keep for the next one.
rmSync(join(folder, '.cache'), { recursive: true, force: true });
for (const system of ['darwin', 'linux', 'win32']) {
  for (const processor of ['arm64', 'x64']) {
    if (system === process.platform && processor === process.arch) continue;
    rmSync(join(folder, 'onnxruntime-node/bin/napi-v6', system, processor), { recursive: true, force: true });
  }
}
for (const part of [folder, join(root, 'dist')]) {
  for (const entry of readdirSync(part, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.(?:map|d\.[cm]?ts)$/.test(entry.name))
      rmSync(join(entry.parentPath ?? entry.path, entry.name));
  }
}
