import { copyFile, mkdir, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photo } from '../../test/data.ts';
import { TOYBOX } from '../clip/hub/names.ts';
import { learn } from '../node/learn.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { type Library, openLibrary } from './library.ts';

describe('a library opened with Toybox', () => {
  let clip: Clip;
  let base: string;
  let folder: string;
  let library: Library;
  let rex: Concept;
  beforeAll(async () => {
    clip = await loadClip(TOYBOX);
    base = await mkdtemp(join(tmpdir(), 'polar-ask-'));
    folder = join(base, 'photos');
    await mkdir(join(folder, 'pets'), { recursive: true });
    for (const name of ['dog6/00', 'dog6/01', 'cat/00']) {
      await copyFile(photo(name), join(folder, 'pets', `${name.replace('/', '-')}.jpg`));
    }
    await copyFile(photo('can/00'), join(folder, 'can.jpg'));
    await utimes(join(folder, 'can.jpg'), 0, Date.UTC(2001, 0, 1) / 1000);
    library = await openLibrary(join(base, 'library'), clip);
    expect(await library.index(folder)).toMatchObject({ found: 4, added: 4, skipped: [] });
    const photos = [photo('dog6/00'), photo('dog6/01')];
    rex = (await learn(clip, 'Rex', photos, { className: 'dog', iterations: 20 })).concept;
  }, 60_000);
  afterAll(async () => {
    await clip.close();
    await rm(base, { recursive: true });
  });

  it('a library counts its photos, and reads none of them again', async () => {
    expect(await library.count()).toBe(4);
    expect(await library.index(folder)).toMatchObject({ unchanged: 4, added: 0 });
  });

  it('a library answers with path, score and relevance, best first', async () => {
    const { text, count, concepts, hits } = await library.search('Rex in the snow', {
      concepts: [rex],
      top: 3,
    });
    expect({ text, count, named: concepts.map(({ name }) => name) }).toEqual({
      text: 'sks dog in the snow',
      count: 4,
      named: ['Rex'],
    });
    expect(hits).toHaveLength(3);
    for (const [i, { path, score, relevance }] of hits.entries()) {
      expect(path.startsWith(folder)).toBe(true);
      expect(score).toBeLessThanOrEqual(hits[i - 1]?.score ?? 1);
      expect(['strong', 'fair', 'weak']).toContain(relevance);
    }
  });

  it('a library puts a photo first among those like it', async () => {
    const cat = join(folder, 'pets', 'cat-00.jpg');
    const [first] = (await library.search('', { like: [cat] })).hits;
    expect(first).toMatchObject({ path: cat, score: expect.closeTo(1, 2) });
  });

  it('a library finds other photos first where a sentence is not wanted', async () => {
    const dogs = async (not: readonly string[]) => {
      const { hits } = await library.search('a photo of a dog', { not, top: 2 });
      return hits.filter(({ path }) => path.includes('dog6')).length;
    };
    expect(await dogs([])).toBe(2);
    expect(await dogs(['a dog', 'a photo of a dog'])).toBeLessThan(2);
  });

  it('a library finds only what a folder or a time allows', async () => {
    const found = async (options: Parameters<Library['search']>[1]) =>
      (await library.search('a photo', options)).hits.map(({ path }) => path.slice(folder.length + 1)).sort();
    const pets = ['pets/cat-00.jpg', 'pets/dog6-00.jpg', 'pets/dog6-01.jpg'];
    expect(await found({ folder: join(folder, 'pets') })).toEqual(pets);
    expect(await found({ before: new Date('2002-01-01') })).toEqual(['can.jpg']);
    expect(await found({ after: new Date('2002-01-01') })).toEqual(pets);
    expect(await found({ after: new Date('2002-01-01'), folder: join(folder, 'none') })).toEqual([]);
  });

  it('a library reads the class instead of the name where plain CLIP is asked', async () => {
    const { text, concepts } = await library.search('Rex', { concepts: [rex], plain: true });
    expect({ text, named: concepts.length }).toEqual({ text: 'dog', named: 1 });
  });

  it('a library refuses a concept of another model that the sentence names, and no other', async () => {
    const foreign = { ...rex, modelId: 'org/other' };
    await expect(library.search('Rex', { concepts: [foreign] })).rejects.toMatchObject({
      code: 'wrong-model',
    });
    expect((await library.search('a dog', { concepts: [foreign] })).hits).toHaveLength(4);
  });

  it('a library refuses to be asked nothing, and to answer before it holds a photo', async () => {
    await expect(library.search(' ')).rejects.toMatchObject({ code: 'invalid-input' });
    const empty = await openLibrary(join(base, 'empty'), clip);
    expect(await empty.count()).toBe(0);
    await expect(empty.search('a dog')).rejects.toMatchObject({ code: 'nothing-indexed' });
  });
});
