import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONCEPT } from '../../polar/concept/concept.fixture.ts';
import { checkConceptName } from '../../polar/concept/concept-name.ts';
import { ConceptStore } from './concept-store.ts';

describe("a user's concepts", () => {
  let folder: string;
  let store: ConceptStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-store-'));
    store = new ConceptStore(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("a user's concepts are none where there is no folder yet", async () => {
    expect(await new ConceptStore(join(folder, 'none')).list()).toEqual([]);
    await expect(store.get('Rex')).rejects.toThrow(/no concept "Rex"; learn one with "polar learn"/);
  });

  it("a user's concepts are found in any case, renamed and removed", async () => {
    await store.save({ ...CONCEPT, name: 'Rex' });
    await store.save({ ...CONCEPT, name: 'Ängström' });
    expect((await store.list()).map(({ name }) => name)).toEqual(['Rex', 'Ängström']);
    expect((await store.get('REX')).name).toBe('Rex');
    await store.rename('rex', 'REX');
    await store.rename('rex', 'Rex two');
    await expect(store.rename('Rex two', 'ängström')).rejects.toThrow(
      /there is a concept "ängström" already/,
    );
    await expect(store.get('Rex')).rejects.toThrow(/known are: Rex two, Ängström/);
    await store.remove('rex TWO');
    expect((await store.list()).map(({ name }) => name)).toEqual(['Ängström']);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it("a user's concepts are found under the name that they hold, wherever a person has put them", async () => {
    await store.save({ ...CONCEPT, name: 'Rex' });
    await rename(join(folder, 'rex'), join(folder, 'Copy of rex'));
    await store.rename('Rex', 'Bolt');
    expect(await readdir(folder)).toEqual(['bolt']);
    await rename(join(folder, 'bolt'), join(folder, 'elsewhere'));
    await store.remove('Bolt');
    expect(await readdir(folder)).toEqual([]);
  });

  it("a user's concepts that are damaged hide no others, say how to remove them, and are removed by that name", async () => {
    for (const name of ['Rex', 'Dr. Who']) await store.save({ ...CONCEPT, name });
    await rm(join(store.directoryOf('Dr. Who'), 'adapter_config.json'));
    const lines: string[] = [];
    expect((await store.list((line) => lines.push(line))).map(({ name }) => name)).toEqual(['Rex']);
    expect(lines).toEqual([
      expect.stringMatching(
        /^skipped a damaged concept: .*missing.*; polar concepts remove "dr. who" deletes it$/,
      ),
    ]);
    await store.remove('Dr. Who');
    expect(await readdir(folder)).toEqual(['rex']);
  });

  it("a user's concepts are neither listed as damaged nor lost while another process removes and replaces them", async () => {
    await store.save({ ...CONCEPT, name: 'Rex' });
    let isChanging = true;
    const lines: string[] = [];
    const reader = (async () => {
      while (isChanging) expect(await store.list((line) => lines.push(line))).toHaveLength(1);
    })();
    for (let seed = 0; seed < 20; seed++) await store.save({ ...CONCEPT, name: 'Rex', seed });
    isChanging = false;
    await reader;
    expect(lines).toEqual([]);
  });

  it("a user's concepts get a new name, learnt or renamed, from one of all that want to give it at once", async () => {
    const outcome = async (change: Promise<unknown>): Promise<string> =>
      change.then(
        () => 'done',
        (error: Error) => error.message,
      );
    await store.save({ ...CONCEPT, name: 'Rex' });
    await store.save({ ...CONCEPT, name: 'Tom' });
    const results = await Promise.all(
      [
        () => store.save({ ...CONCEPT, name: 'Bolt' }, { isNew: true }),
        () => new ConceptStore(folder).save({ ...CONCEPT, name: 'BOLT' }, { isNew: true }),
        () => store.rename('Rex', 'bolt'),
        () => new ConceptStore(folder).rename('Tom', 'Bolt'),
      ].map((change) => outcome(change())),
    );
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    const refused = results.filter((result) => result !== 'done');
    for (const line of refused) expect(line).toMatch(/^there is a concept "bolt" already; choose another/i);
    const isAdded = results.indexOf('done') < 2;
    expect(await store.list()).toHaveLength(isAdded ? 3 : 2);
  });

  it.runIf(process.platform === 'linux')(
    "a user's concepts that may not be written are refused in one line",
    async () => {
      const nowhere = new ConceptStore('/proc/polar');
      await expect(nowhere.save(CONCEPT)).rejects.toThrow(/cannot be used|cannot be written \(ENOENT\)/);
    },
  );

  it.each(['', ' ', 'a/b', '..', '../x', '.hidden', 'a\nb', '*', 'x'.repeat(61), '<b>'])(
    'a concept cannot be called %j',
    async (name) => {
      expect(() => checkConceptName(name)).toThrow(/cannot be used; expected letters and digits/);
      await expect(store.save({ ...CONCEPT, name })).rejects.toThrow(/cannot be used/);
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
