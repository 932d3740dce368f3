// Exports photos and dies just before the n-th call of the file system that changes anything, or reads a part.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { argv } from 'node:process';

const [, , list, folder, mode, nth] = argv as [string, string, string, string, string, string];
let left = Number(nth);

type Call = (...args: unknown[]) => unknown;
const fs = createRequire(import.meta.url)('node:fs/promises') as Record<string, Call>;
const { readFile } = fs as unknown as typeof import('node:fs/promises');
const photos = JSON.parse(await readFile(list, 'utf8')) as { path: string; hash: string }[];
for (const name of ['mkdir', 'writeFile', 'open', 'link', 'unlink', 'rename', 'rm', 'rmdir', 'symlink']) {
  const call = fs[name]!;
  fs[name] = (...args) => {
    if (--left < 0) process.kill(process.pid, 'SIGKILL');
    return call(...args);
  };
}
syncBuiltinESMExports();

const { exportPhotos } = await import('./export-photos.ts');
await exportPhotos(photos, folder, { mode: mode as 'copy' | 'move' | 'link' });
