import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplePhotos } from '../../../tools/sample-photos.ts';
import { indexPhotos } from '../../library/index-photos.ts';
import { PhotoStore } from '../../library/photo-store.ts';
import { PhotoTable } from '../../library/search.ts';
import { rowOf } from '../../matrix.ts';
import { learn } from '../../node/learn.ts';
import { type Clip, loadClip } from '../../node/load-clip.ts';
import { readToyboxPhotos } from '../../toybox/make-photos.ts';
import { mixQuery } from './mix.ts';
import { measureBackground, type Relevance, relevanceJudge } from './relevance.ts';
import { encodeSentence, personalSentence } from './sentence.ts';

describe('the relevance mark', () => {
  const background = { mean: 0.2, deviation: 0.02 };
  const query = Float32Array.of(1, 0);
  const own = [0.36, 0.4, 0.44].map((x) => Float32Array.of(x, Math.sqrt(1 - x * x)));

  it('the relevance mark has no fixed limit: the same score is strong in one library and weak in another', () => {
    expect(relevanceJudge(query, background, 1000, own)(0.35)).toBe('strong');
    expect(relevanceJudge(query, { mean: 0.33, deviation: 0.02 }, 1000, own)(0.35)).toBe('weak');
  });

  it("the relevance mark never asks for more than what the concept's typical training photo reaches", () => {
    const judge = relevanceJudge(query, { mean: 0.38, deviation: 0.1 }, 100_000, own);
    expect(judge(0.401)).toBe('strong');
  });

  it('without a concept only what stands out more than the luckiest of so many photos is strong', () => {
    expect(relevanceJudge(query, background, 100)(0.265)).toBe('strong');
    expect(relevanceJudge(query, background, 100_000)(0.265)).toBe('fair');
    expect(relevanceJudge(query, background, 100)(0.2)).toBe('weak');
  });
});

describe('the relevance mark in a library of Toybox photos', () => {
  let base: string;
  let clip: Clip;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'polar-relevance-'));
    clip = await loadClip('toybox');
  });
  afterAll(async () => {
    await clip.close();
    await rm(base, { recursive: true });
  });

  it('the relevance mark is high for photos of the thing and low for the rest, so that the tail is visibly weak', async () => {
    const made = await samplePhotos();
    const truth = await readToyboxPhotos(dirname(made.library));
    const store = new PhotoStore(join(base, 'index'));
    await indexPhotos(store, clip, made.library);
    const share = { own: [0, 0], rest: [0, 0] };
    for (const { name, className, examples } of made.things) {
      const files = (await readdir(examples)).map((file) => join(examples, file));
      const { concept } = await learn(clip, name, files, { className });
      const table = await PhotoTable.open(store, clip);
      const sentence = await encodeSentence(clip, personalSentence(`a photo of ${name}`, [concept]));
      const query = mixQuery({ text: sentence });
      const background = measureBackground(query, await table.sample(1000));
      const own = files.map((_, row) => rowOf(concept.features!, row));
      const judge = relevanceJudge(query, background, made.photos, own);
      const found = await table.search(query, made.photos);
      const marks = found.map(({ score }): Relevance => judge(score));
      expect(marks[0]).toBe('strong');
      expect(marks.at(-1)).toBe('weak');
      for (const [index, mark] of marks.entries()) {
        const kind = truth.get(basename(found[index]!.path))!.shows.includes(name) ? 'own' : 'rest';
        share[kind][1]!++;
        if (kind === 'own' ? mark !== 'weak' : mark === 'weak') share[kind][0]!++;
      }
    }
    const [shown, hidden] = [share.own[0]! / share.own[1]!, share.rest[0]! / share.rest[1]!];
    expect(shown, 'photos of the thing that are marked strong or fair').toBeGreaterThan(0.6);
    expect(hidden, 'other photos that are marked weak').toBeGreaterThan(0.6);
    expect(shown + hidden).toBeGreaterThan(1.4);
  }, 300_000);
});
