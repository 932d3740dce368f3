import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConceptStore, checkConceptName } from '../../node/concept-store.ts';
import { CONCEPT } from '../concept/concept.fixture.ts';
import { personalSentence } from './sentence.ts';

const concept = (name: string, identifier = `sks ${name.toLowerCase()}`) => ({
  ...CONCEPT,
  name,
  identifier,
});
const known = [
  concept('Rex', 'sks dog'),
  concept('Rex Junior', 'sks puppy'),
  concept('Großmutter', 'sks woman'),
  concept('Mr. B (old)', 'sks man'),
];

describe('names in a sentence', () => {
  it.each([
    ['Rex on the beach', 'sks dog on the beach', ['Rex']],
    ['a photo of REX', 'a photo of sks dog', ['Rex']],
    ["Rex's ball", "sks dog's ball", ['Rex']],
    ['rex and GROSSMUTTER', 'sks dog and GROSSMUTTER', ['Rex']],
    [
      'großmutter with Rex, rex and Rex',
      'sks woman with sks dog, sks dog and sks dog',
      ['Großmutter', 'Rex'],
    ],
    ['Rex junior sleeps', 'sks puppy sleeps', ['Rex Junior']],
    ['Rex  Junior and Rex', 'sks puppy and sks dog', ['Rex Junior', 'Rex']],
    ['T-Rex, rexine, Alrex', 'T-sks dog, rexine, Alrex', ['Rex']],
    ['Mr. B (old)', 'sks man', ['Mr. B (old)']],
    ['Gro\u00dfmutter', 'sks woman', ['Großmutter']],
    ['nobody here', 'nobody here', []],
  ])('%s', (sentence, text, names) => {
    const result = personalSentence(sentence, known);
    expect(result.text).toBe(text);
    expect(result.concepts.map(({ name }) => name)).toEqual(names);
  });

  it('every name is found in its own spelling, whatever its alphabet makes of case', () => {
    for (const name of ['İpek', 'Νίκοσ', 'Jess', 'ﬁfi', 'Ǆ', 'Straße', 'ẞ']) {
      const odd = [concept(name, 'sks thing'), concept('Rex', 'sks dog')];
      expect(personalSentence(`${name} and REX`, odd).text, name).toBe('sks thing and sks dog');
    }
    expect(personalSentence('Νίκος', [concept('Νίκοσ', 'sks man')]).text).toBe('sks man');
    expect(personalSentence('je\u017f\u017f', [concept('Jess', 'sks cat')]).text).toBe('sks cat');
  });

  it('two dogs share an identifier and stay two concepts', () => {
    const dogs = [concept('Rex', 'sks dog'), concept('Fido', 'sks dog')];
    expect(personalSentence('Rex and Fido', dogs).concepts).toHaveLength(2);
  });

  it('without concepts the sentence stays as it is', () => {
    expect(personalSentence('Rex', [])).toEqual({ text: 'Rex', concepts: [] });
  });
});

describe("a user's concepts", () => {
  let folder: string;
  let store: ConceptStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-store-'));
    store = new ConceptStore(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are none where there is no folder yet', async () => {
    expect(await new ConceptStore(join(folder, 'none')).list()).toEqual([]);
    await expect(store.get('Rex')).rejects.toThrow(/no concept "Rex"; learn one with "polar learn"/);
  });

  it('are found in any case, renamed and removed', async () => {
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

  it('are all there after processes were killed at any moment of saving one', async () => {
    for (const name of ['Rex', 'Mimi', 'Bolt']) await store.save({ ...CONCEPT, name });
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    // Rex had stepped aside, Mimi was replaced but what she was is still there, Bolt was half-written.
    await rename(join(folder, 'rex'), join(folder, `.rex.${dead}.old`));
    await mkdir(join(folder, `.rex.${dead}.partial`));
    await mkdir(join(folder, `.mimi.${dead}.old`));
    await writeFile(join(folder, `.bolt.${dead}.partial`), '');
    // This one is being written.
    await mkdir(join(folder, `.new.${process.pid}.partial`));
    expect((await store.list()).map(({ name }) => name)).toEqual(['Bolt', 'Mimi', 'Rex']);
    expect((await readdir(folder)).sort()).toEqual([`.new.${process.pid}.partial`, 'bolt', 'mimi', 'rex']);
  });

  it.each(['', ' ', 'a/b', '..', '../x', '.hidden', 'a\nb', '*', 'x'.repeat(61), '<b>'])(
    'cannot be called %j',
    async (name) => {
      expect(() => checkConceptName(name)).toThrow(/cannot be used; expected letters and digits/);
      await expect(store.save({ ...CONCEPT, name })).rejects.toThrow(/cannot be used/);
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
