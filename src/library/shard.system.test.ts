import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_CLIP } from '../../test/data.ts';
import { writeManyPhotos } from '../../test/many-photos.ts';
import { outcomeOf, spawnPolar, startPolar } from '../../test/polar.ts';
import { type S3Server, startS3 } from '../../test/s3-server.ts';
import { loadClip } from '../node/load-clip.ts';
import { NOTHING_KNOWN } from './capture.ts';
import { indexPhotos } from './index-photos.ts';
import { lockStore } from './lock.ts';
import { deletePhotos, type PhotoRow, PhotoStore, sqlText, writePhotos } from './photo-store.ts';
import { tableRows } from './rows.fixture.ts';
import { isInShard, parseShard } from './shard.ts';

describe('a share of the photos', () => {
  it('every path is in exactly one, and they are about equally large', () => {
    const shards = [0, 1, 2, 3].map((index) => ({ index, count: 4 }));
    const sizes = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const [mine, ...others] = shards.filter((shard) => isInShard(`/photos/${i}.jpg`, shard));
      expect(others).toEqual([]);
      sizes[mine!.index]!++;
    }
    for (const size of sizes) expect(Math.abs(size - 1000)).toBeLessThan(100);
  });

  it('a share of the photos is written as i/n', () => {
    expect(parseShard('2/5')).toEqual({ index: 2, count: 5 });
    for (const text of ['5/5', '-1/5', '1', '1/0', '0.5/2', '1/2/3', '']) {
      expect(() => parseShard(text), text).toThrow(/--shard .*: expected i\/n with i from 0 to n-1/);
    }
  });
});

const PHOTOS = 1600;
const SHARDS = 4;

describe('processes that fill one table together', () => {
  let base: string;
  let photos: string;
  let s3: S3Server;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'polar-shard-'));
    photos = join(base, 'photos');
    await writeManyPhotos(photos, PHOTOS);
    await writeFile(join(photos, 'bad.jpg'), 'no picture');
    await mkdir(join(base, 's3'));
    s3 = await startS3(join(base, 's3'));
    Object.assign(process.env, s3.env); // for the rows that this process reads
  });
  afterAll(async () => {
    for (const name of Object.keys(s3.env)) delete process.env[name];
    await s3.close();
    await rm(base, { recursive: true });
  });

  const index = (uri: string, ...more: string[]) =>
    startPolar(base, ['index', photos, '--model', TINY_CLIP, '--json', ...more], {
      ...s3.env,
      POLAR_INDEX: uri,
    });
  const shard = (uri: string, i: number) => index(uri, '--shard', `${i}/${SHARDS}`);
  const together = () => `s3://${s3.bucket}/together`;

  it('four, one of them killed and started again, write the rows that one process writes', async () => {
    const clip = await loadClip(TINY_CLIP);
    const children = Array.from({ length: SHARDS }, (_, i) => shard(together(), i));
    const ended = children.map(outcomeOf);
    const victim = 2;
    const written = async () => {
      const table = await new PhotoStore(together()).find(clip);
      return (await table?.countRows(`bucket % ${SHARDS} = ${victim}`)) ?? 0;
    };
    while ((await written()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    children[victim]!.kill('SIGKILL'); // it has written a part of its share
    const outcomes = await Promise.all(ended);
    expect(children[victim]!.signalCode).toBe('SIGKILL');
    const kept = await written();
    outcomes[victim] = await outcomeOf(shard(together(), victim));
    let added = 0;
    for (const { code, stdout, stderr } of outcomes) {
      expect(stderr.replace(/^waiting for share 0\/4 to make the table in s3:.*\n/, '')).toBe('');
      expect(code).toBe(0);
      added += JSON.parse(stdout)[0].added;
    }
    expect({ kept, again: JSON.parse(outcomes[victim]!.stdout)[0].unchanged }).toEqual({ kept, again: kept });
    expect(added).toBe(PHOTOS - kept); // nothing was done twice
    const alone = `s3://${s3.bucket}/alone`;
    expect((await outcomeOf(index(alone))).code).toBe(0);
    const expected = await tableRows(alone, TINY_CLIP);
    expect(expected).toHaveLength(PHOTOS + 1);
    expect(await tableRows(together(), TINY_CLIP)).toEqual(expected);
    await clip.close();
  }, 600_000); // ten processes on what a busy machine leaves them

  it('commits that meet in the bucket are refused there and tried again until all have succeeded', async () => {
    const clip = await loadClip(TINY_CLIP);
    const store = new PhotoStore(`s3://${s3.bucket}/meeting`);
    await store.open(clip);
    const before = s3.refusals();
    const row = (path: string): PhotoRow => ({
      ...{
        path,
        hash: path,
        size: 1,
        mtime: 1,
        ctime: 1,
        width: 1,
        height: 1,
        reason: null,
        ...NOTHING_KNOWN,
        at: null,
        still: null,
      },
      embedding: new Float32Array(clip.dimension).fill(1),
    });
    const write = async (writer: number) => {
      const table = (await store.find(clip))!;
      for (let i = 0; i < 2; i++) await writePhotos(table, clip, [row(`/${writer}/${i}`)], () => 0);
      await writePhotos(table, clip, [row(`/${writer}/0`)], () => 1);
      await deletePhotos(table, [`/${writer}/1`]);
    };
    await Promise.all([0, 1, 2, 3].map(write));
    expect(await (await store.find(clip))!.countRows()).toBe(4);
    expect(s3.refusals()).toBeGreaterThan(before);
    await clip.close();
  });

  it('a share removes its own rows only, and mends rows that were written twice', async () => {
    const clip = await loadClip(TINY_CLIP);
    const store = new PhotoStore(together());
    const mine = { index: 1, count: SHARDS };
    const inMine = (i: number) => isInShard(join(photos, `${i}.jpg`), mine);
    const numbers = Array.from({ length: PHOTOS }, (_, i) => i);
    const [own, twice] = numbers.filter(inMine).map((i) => join(photos, `${i}.jpg`));
    const other = join(photos, `${numbers.find((i) => !inMine(i))}.jpg`);
    await rm(own!);
    await rm(other);
    const table = await store.open(clip);
    const [row] = await table
      .query()
      .where(`path = ${sqlText(twice!)}`)
      .toArray();
    await table.add([{ ...row, embedding: Array.from(row.embedding as Iterable<number>) }]);
    const summary = await indexPhotos(store, clip, photos, { shard: mine });
    expect(summary).toMatchObject({ removed: 1, added: 1 });
    const paths = (await tableRows(together(), TINY_CLIP)).map(({ path }) => path);
    expect(paths).toHaveLength(PHOTOS);
    expect(paths).toContain(other);
    expect(paths).not.toContain(own);
    expect(new Set(paths).size).toBe(PHOTOS);
    await clip.close();
  });

  it('processes that fill one table together are followed by a run that finishes the index, and the bucket is searched like a folder', async () => {
    const env = { ...s3.env, POLAR_INDEX: together() };
    const finished = await spawnPolar(base, ['index', '--finish', '--model', TINY_CLIP], env);
    expect(finished).toMatchObject({ code: 0, stderr: '', stdout: '1,599 photos ready to search\n' });
    const found = await spawnPolar(base, ['search', 'a dog', '--top', '3', '--model', TINY_CLIP], env);
    expect(found.stdout.trim().split('\n')).toHaveLength(3);
    const nothing = await spawnPolar(base, ['index', '--finish', '--model', TINY_CLIP], {
      ...env,
      POLAR_INDEX: `s3://${s3.bucket}/nothing`,
    });
    expect(nothing.stderr).toMatch(/^polar: s3:\/\/photos\/nothing: no photos are indexed with .*\n$/);
    const wrong = await spawnPolar(base, ['search', 'a dog', '--model', TINY_CLIP], {
      ...env,
      AWS_SECRET_ACCESS_KEY: 'wrong',
    });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/^polar: s3:\/\/photos\/together: cannot be opened \(.*\n$/);
  }, 240_000);

  it('two of the same share in one folder: the second is refused', async () => {
    const store = new PhotoStore(join(base, 'local'));
    const lock = await lockStore(store, { index: 0, count: 2 });
    const clip = await loadClip(TINY_CLIP);
    await expect(indexPhotos(store, clip, photos, { shard: { index: 0, count: 2 } })).rejects.toThrow(
      /another "polar index" is writing here/,
    );
    await (await lockStore(store, { index: 1, count: 2 })).release();
    await lock.release();
    await clip.close();
  });
});
