// Changes a concept and dies just before the n-th call of the file system that changes anything.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { argv } from 'node:process';
import { CONCEPT } from '../../polar/concept/concept.fixture.ts';

const [, , folder, change, nth] = argv as [string, string, string, string, string];
let left = Number(nth);

type Call = (...args: unknown[]) => unknown;
const fs = createRequire(import.meta.url)('node:fs/promises') as Record<string, Call>;
for (const name of ['mkdir', 'writeFile', 'rename', 'rm', 'rmdir', 'unlink', 'utimes', 'symlink']) {
  const call = fs[name]!;
  fs[name] = (...args) => {
    if (--left < 0) process.kill(process.pid, 'SIGKILL');
    return call(...args);
  };
}
syncBuiltinESMExports();

const { ConceptStore } = await import('./concept-store.ts');
const store = new ConceptStore(folder);
if (change === 'replace') await store.save({ ...CONCEPT, name: 'Rex', seed: 2 });
if (change === 'rename') await store.rename('Rex', 'Bolt');
if (change === 'remove') await store.remove('Rex');
