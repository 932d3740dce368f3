import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderSize } from './folder-size.ts';

it('the size of a folder is that of the files below it, without what links lead to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polar-size-'));
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  await writeFile(join(folder, 'one'), new Uint8Array(1000));
  await writeFile(join(folder, 'a', 'b', 'two'), new Uint8Array(234));
  await symlink(folder, join(folder, 'a', 'round'));
  const size = (await folderSize(folder))!;
  expect(size).toBeGreaterThanOrEqual(1234);
  expect(size).toBeLessThan(1234 + 4096); // the link's own bytes
  expect(await folderSize(join(folder, 'one'))).toBe(1000);
  expect(await folderSize(join(folder, 'none'))).toBeUndefined();
  await rm(folder, { recursive: true });
});
