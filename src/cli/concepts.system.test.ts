import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPolar } from '../../test/polar.ts';
import { ConceptStore } from '../node/concepts/concept-store.ts';
import { inHome } from '../node/home.ts';
import { CONCEPT } from '../polar/concept/concept.fixture.ts';

describe('polar concepts', () => {
  let home: string;
  let shelf: ConceptStore;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'polar-concepts-'));
    shelf = new ConceptStore(inHome(home).concepts);
    await shelf.save({ ...CONCEPT, name: 'Rex' });
  });
  afterAll(() => rm(home, { recursive: true }));

  const names = async () => (await shelf.list()).map(({ name }) => name);

  it('restore brings back what was removed, whole, by a name in any case', async () => {
    const before = await shelf.get('Rex');
    const removed = await runPolar(home, ['concepts', 'remove', 'Rex']);
    expect(removed).toMatchObject({ code: 0, stderr: expect.stringContaining('polar concepts restore') });
    expect(await names()).toEqual([]);
    expect((await runPolar(home, ['concepts', 'restore'])).stdout).toMatch(
      /^Rex {2}kept until \d{4}-\d\d-\d\d\n$/,
    );
    const restored = await runPolar(home, ['concepts', 'restore', 'rex']);
    expect(restored).toMatchObject({ code: 0, stdout: 'Rex is back\n' });
    expect(await shelf.get('Rex')).toEqual(before);
    expect((await runPolar(home, ['concepts', 'restore'])).stdout).toBe('');
  });

  it('restore refuses a name that was never removed, and one that was taken meanwhile', async () => {
    const unknown = await runPolar(home, ['concepts', 'restore', 'Mimi']);
    expect(unknown.code).not.toBe(0);
    expect(unknown.stderr).toContain('no removed concept "Mimi"; none was removed in the last 30 days');
    await runPolar(home, ['concepts', 'remove', 'Rex']);
    await shelf.save({ ...CONCEPT, name: 'Rex' });
    const taken = await runPolar(home, ['concepts', 'restore', 'Rex']);
    expect(taken.code).not.toBe(0);
    expect(taken.stderr).toMatch(/Rex/);
    expect(await names()).toEqual(['Rex']);
  });
});
