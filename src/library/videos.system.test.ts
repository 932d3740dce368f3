import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cosine } from '../../test/close.ts';
import { photo, TINY_CLIP } from '../../test/data.ts';
import { makeVideoOf, PATH_WITHOUT_FFMPEG, pathWithFfmpeg, runFfmpeg } from '../../test/ffmpeg.ts';
import { rowOf } from '../matrix.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { runTool } from '../node/video/run-tool.ts';
import { probeVideo, stillTimes, takeStill } from '../node/video/video.ts';
import { captureOfVideo } from './dates/capture-of.ts';
import { findDuplicates } from './duplicates/find-duplicates.ts';
import { exportPhotos } from './export/export-photos.ts';
import { describeFolders, forget } from './folder-states.ts';
import { openInMemory } from './in-memory.ts';
import { indexPhotos } from './index-photos.ts';
import { PhotoStore } from './photo-store.ts';
import { PhotoTable } from './search.ts';

const PHOTOS = ['dog6/00', 'cat/00', 'vase/00', 'can/00'];
const MOMENTS = { vase: 2, can: 3 };

/** A video of four photos, a second each. */
const makeVideo = (file: string, ...options: readonly string[]) => makeVideoOf(PHOTOS, file, ...options);

describe('videos', () => {
  let clip: Clip;
  let made: string;
  let base: string;
  let folder: string;
  let store: PhotoStore;
  const path = process.env.PATH;
  beforeAll(async () => {
    process.env.PATH = pathWithFfmpeg();
    clip = await loadClip(TINY_CLIP);
    made = await mkdtemp(join(tmpdir(), 'polar-videos-'));
    makeVideo(join(made, 'clip.mp4'), '-metadata', 'creation_time=2021-05-06T07:08:09Z');
  });
  afterAll(async () => {
    process.env.PATH = path;
    await clip.close();
    await rm(made, { recursive: true });
  });
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'polar-videos-')));
    folder = join(base, 'videos');
    store = new PhotoStore(join(base, 'library'));
    await mkdir(folder);
    await copyFile(photo('dog6/00'), join(folder, 'dog.jpg'));
    await copyFile(join(made, 'clip.mp4'), join(folder, 'clip.mp4'));
  });
  afterEach(() => rm(base, { recursive: true }));

  const rowsOfVideo = async () => {
    const rows = await (await store.find(clip))!.query().where('still IS NOT NULL').toArray();
    return rows.map((row) => row.toJSON()).sort((a, b) => a.still - b.still);
  };
  const like = async (name: string, top = 5) => {
    const query = rowOf(await clip.encodeImages([photo(name)]), 0);
    return (await PhotoTable.open(store, clip)).search(query, top);
  };

  it('videos are indexed by pictures at 25, 50 and 75 %, and found once, at the time of the best one', async () => {
    const summary = await indexPhotos(store, clip, folder);
    expect(summary).toMatchObject({ found: 2, added: 2, skipped: [], leftOut: {} });
    const rows = await rowsOfVideo();
    expect(rows.map(({ at }) => at)).toEqual([1, 2, 3]);
    expect(rows[0]).toMatchObject({
      width: 224,
      height: 224,
      taken: Date.UTC(2021, 4, 6, 7, 8, 9),
      dateFrom: 'video',
    });
    const photos = await PhotoTable.open(store, clip);
    expect(photos.count).toBe(2);
    for (const [name, at] of [
      ['vase/00', MOMENTS.vase],
      ['can/00', MOMENTS.can],
    ] as const) {
      const hits = await like(name);
      expect(hits).toHaveLength(2);
      expect(hits.find((hit) => hit.path.endsWith('clip.mp4'))).toMatchObject({
        at,
        copies: 1,
        dateFrom: 'video',
      });
    }
    expect((await like('dog6/00'))[0]).toMatchObject({ path: join(folder, 'dog.jpg'), at: null });
    expect(await describeFolders(store)).toMatchObject([{ photos: 2, broken: 0 }]);
    expect(await store.models()).toMatchObject([{ photos: 2 }]);
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ unchanged: 2, added: 0, removed: 0 });
  });

  it.each([
    ['mov', []],
    ['mkv', []],
    ['webm', ['-c:v', 'libvpx', '-b:v', '1M']],
    ['avi', ['-c:v', 'mpeg4', '-q:v', '3']],
  ])('videos in a .%s have the pictures that the same video as .mp4 has', async (ending, options) => {
    makeVideo(join(folder, `other.${ending}`), ...options);
    await indexPhotos(store, clip, folder);
    const rows = await rowsOfVideo();
    const vectors = (name: string) =>
      rows
        .filter((row) => basename(row.path) === name)
        .map(({ embedding }) => Array.from(embedding as Iterable<number>));
    const [first, second] = [vectors('clip.mp4'), vectors(`other.${ending}`)];
    expect(second).toHaveLength(3);
    for (const [index, vector] of second.entries())
      expect(cosine(vector, first[index]!)).toBeGreaterThan(0.98);
  });

  it('videos that are moved, copied, changed, taken out or deleted keep, take along or lose all their pictures', async () => {
    await indexPhotos(store, clip, folder);
    await mkdir(join(folder, 'trip'));
    await rename(join(folder, 'clip.mp4'), join(folder, 'trip', '-clip.MP4'));
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ recognised: 1, removed: 1, added: 0 });
    expect((await rowsOfVideo()).map((row) => [basename(row.path), row.at])).toEqual([
      ...[
        ['-clip.MP4', 1],
        ['-clip.MP4', 2],
        ['-clip.MP4', 3],
      ],
    ]);
    await copyFile(join(folder, 'trip', '-clip.MP4'), join(folder, 'copy.mp4'));
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ recognised: 1, added: 0 });
    expect((await like('vase/00')).map(({ copies }) => copies).sort()).toEqual([1, 2]);
    await rm(join(folder, 'copy.mp4'));
    makeVideo(join(folder, 'trip', '-clip.MP4'), '-t', '2'); // shorter now
    expect(await indexPhotos(store, clip, folder, { stills: 4 })).toMatchObject({ added: 1, removed: 1 });
    expect((await rowsOfVideo()).map(({ at }) => at)).toEqual(
      [0.4, 0.8, 1.2, 1.6].map((at) => expect.closeTo(at)),
    );
    expect(await forget(store, join(folder, 'trip'))).toBe(1);
    expect(await rowsOfVideo()).toEqual([]);
    await copyFile(join(made, 'clip.mp4'), join(folder, 'again.mp4'));
    await indexPhotos(store, clip, folder);
    await rm(join(folder, 'again.mp4'));
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ removed: 1 });
    expect(await rowsOfVideo()).toEqual([]);
  });

  it('videos are counted with the reason where FFmpeg is missing, and what was known of them stays', async () => {
    await indexPhotos(store, clip, folder);
    const withFfmpeg = process.env.PATH;
    process.env.PATH = PATH_WITHOUT_FFMPEG;
    try {
      await rm(join(folder, 'dog.jpg'));
      await copyFile(photo('cat/00'), join(folder, 'cat.jpg'));
      const summary = await indexPhotos(store, clip, folder);
      expect(summary).toMatchObject({ added: 1, removed: 1, leftOut: { videoTools: 1 }, complete: true });
      expect(await rowsOfVideo()).toHaveLength(3);
    } finally {
      process.env.PATH = withFfmpeg;
    }
  });

  it('videos are what FFmpeg is asked for, once a run; a folder without one starts no program', async () => {
    const programs = join(base, 'programs');
    const asked = join(base, 'asked');
    await mkdir(programs);
    const program = (name: string, lines: string) =>
      writeFile(join(programs, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    await program('ffmpeg', `echo "$@" >> '${asked}'; exit 1`);
    await program('ffprobe', 'exit 0');
    const path = process.env.PATH;
    process.env.PATH = programs;
    try {
      await rename(join(folder, 'clip.mp4'), join(base, 'clip.mp4'));
      await indexPhotos(store, clip, folder);
      await expect(readFile(asked)).rejects.toThrow('ENOENT');
      for (const name of ['a.mp4', 'b.mp4']) await copyFile(join(base, 'clip.mp4'), join(folder, name));
      expect((await indexPhotos(store, clip, folder)).leftOut).toMatchObject({ videoTools: 2 });
      expect(await readFile(asked, 'utf8')).toBe('-version\n');
    } finally {
      process.env.PATH = path;
    }
  });

  it('videos that are broken, empty, sound alone or lists of other files are skipped with a reason, and the rest is indexed', async () => {
    const whole = await readFile(join(made, 'clip.mp4'));
    await writeFile(join(folder, 'cut.mp4'), whole.subarray(0, whole.length / 3));
    await writeFile(join(folder, 'empty.mov'), '');
    await writeFile(join(folder, 'text.avi'), 'no video');
    await writeFile(
      join(folder, 'list.mp4'),
      `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile://${join(made, 'clip.mp4')}\n#EXT-X-ENDLIST\n`,
    );
    await writeFile(join(folder, 'concat.mkv'), `ffconcat version 1.0\nfile '${join(made, 'clip.mp4')}'\n`);
    runFfmpeg('-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac', join(folder, 'sound.mp4'));
    const { added, skipped } = await indexPhotos(store, clip, folder);
    expect(added).toBe(2);
    expect(skipped.map(({ path }) => basename(path)).sort()).toEqual([
      ...['concat.mkv', 'cut.mp4', 'empty.mov', 'list.mp4', 'sound.mp4', 'text.avi'],
    ]);
    for (const { reason } of skipped) expect(reason).toMatch(/^(a damaged video|no moving picture)[^\n]+$/);
    expect((await rowsOfVideo()).every(({ path }) => basename(path) === 'clip.mp4')).toBe(true);
  });

  it('videos in HDR have pictures in the colours of a screen', async () => {
    const file = join(folder, 'hdr.mp4');
    const linear =
      'setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709,zscale=t=linear:npl=203,format=gbrpf32le';
    const pq = 'zscale=p=bt2020:t=smpte2084:m=bt2020nc:r=tv:npl=203,format=yuv420p10le';
    runFfmpeg(
      ...['-loop', '1', '-t', '1', '-i', photo('vase/00')],
      ...['-vf', `scale=224:224,fps=5,format=yuv444p,${linear},${pq}`, '-c:v', 'libx264'],
      ...['-x264-params', 'colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc', file],
    );
    const greys = (picture: string | Uint8Array) =>
      sharp(picture).removeAlpha().resize(224, 224, { fit: 'fill' }).toColourspace('srgb').raw().toBuffer();
    const shown = await greys(photo('vase/00'));
    const difference = async (still: Uint8Array) => {
      const values = await greys(still);
      return values.reduce((sum, value, i) => sum + Math.abs(value - shown[i]!), 0) / values.length;
    };
    const facts = await probeVideo(file);
    expect(facts.isHdr).toBe(true);
    expect(await difference(await takeStill(file, 0.5, facts))).toBeLessThan(10);
    expect(await difference(await takeStill(file, 0.5, { isHdr: false }))).toBeGreaterThan(20); // dull
    expect((await probeVideo(join(made, 'clip.mp4'))).isHdr).toBe(false);
  });

  it('videos of a Live Photo count with their picture; a video that has its name by chance is another one', async () => {
    await copyFile(photo('cat/00'), join(folder, 'IMG_1.JPG'));
    await copyFile(photo('vase/00'), join(folder, 'IMG_2.jpg'));
    const identifier = 'com.apple.quicktime.content.identifier=0A1B2C3D-0000-0000-0000-00000000000F';
    makeVideo(
      join(folder, 'IMG_1.MOV'),
      '-movflags',
      'use_metadata_tags',
      '-metadata',
      identifier,
      '-t',
      '2',
    );
    makeVideo(join(folder, 'IMG_2.mov'), '-t', '2');
    const summary = await indexPhotos(store, clip, folder);
    expect(summary).toMatchObject({ found: 5, added: 5, leftOut: { livePhoto: 1 } });
  });

  it('behind the picture of a motion photo count with it', async () => {
    await copyFile(photo('cat/00'), join(folder, 'PXL_1.MP.jpg'));
    await appendFile(join(folder, 'PXL_1.MP.jpg'), await readFile(join(made, 'clip.mp4')));
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ found: 3, added: 3, skipped: [] });
    expect((await like('cat/00'))[0]).toMatchObject({ path: join(folder, 'PXL_1.MP.jpg'), at: null });
  });

  it('videos are exported as they are, and are no duplicates of photos', async () => {
    await sharp(
      runFfmpeg(
        '-ss',
        '2',
        '-i',
        join(made, 'clip.mp4'),
        '-frames:v',
        '1',
        '-f',
        'image2pipe',
        '-c:v',
        'png',
        '-',
      ),
    )
      .png()
      .toFile(join(folder, 'still.png'));
    await indexPhotos(store, clip, folder);
    const hit = (await like('vase/00')).find(({ path }) => path.endsWith('.mp4'))!;
    const { photos } = await exportPhotos([hit], join(base, 'out'));
    expect(await readFile(photos[0]!.to)).toEqual(await readFile(hit.path));
    const inMemory = await openInMemory(store, clip);
    expect(inMemory.count).toBe(3);
    expect(await findDuplicates(inMemory)).toEqual({ groups: [], skipped: [] });
    await inMemory.close();
  });

  it('videos get columns in an index that an earlier version made, whose photos stay as they are', async () => {
    await rm(join(folder, 'clip.mp4'));
    await indexPhotos(store, clip, folder);
    const table = (await store.find(clip))!;
    await table.dropColumns(['dateFrom', 'at', 'still']);
    expect((await like('dog6/00'))[0]).toMatchObject({ at: null, dateFrom: null });
    const inMemory = await openInMemory(store, clip);
    expect(inMemory.photos).toMatchObject([{ at: null, still: null, dateFrom: null }]);
    await inMemory.close();
    expect(await describeFolders(store)).toMatchObject([{ photos: 1 }]);
    await copyFile(join(made, 'clip.mp4'), join(folder, 'clip.mp4'));
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ added: 1, unchanged: 1 });
    expect(await rowsOfVideo()).toHaveLength(3);
  });

  it('videos that FFmpeg takes too long or writes too much for end with a reason', async () => {
    const endless = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=duration=100000', '-f', 'rawvideo', '-'];
    await expect(runTool('ffmpeg', endless, { seconds: 20, bytes: 1e6 })).rejects.toThrow(
      'ffmpeg wrote too much',
    );
    const silent = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=duration=100000', '-f', 'null', '-'];
    await expect(runTool('ffmpeg', silent, { seconds: 0.5, bytes: 1e6 })).rejects.toThrow(/^timeout: /);
  });

  it('videos say when and where: the local time, the sidecar, the name, and last the time of Greenwich', async () => {
    const at = (name: string, tags: Record<string, string>) => captureOfVideo(join(base, name), tags);
    const local = { 'com.apple.quicktime.creationdate': '2021-05-06T09:08:09+0200' };
    const greenwich = { creation_time: '2021-05-06T07:08:09.000000Z', location: '+48.1374-011.5755/' };
    expect(await at('a.mov', { ...local, ...greenwich })).toEqual({
      ...{ taken: Date.UTC(2021, 4, 6, 9, 8, 9), dateFrom: 'video', latitude: 48.1374, longitude: -11.5755 },
    });
    expect(await at('VID_20210506_090809.mp4', greenwich)).toMatchObject({
      ...{ taken: Date.UTC(2021, 4, 6, 9, 8, 9), dateFrom: 'name', latitude: 48.1374 },
    });
    expect(await at('b.mp4', greenwich)).toMatchObject({
      taken: Date.UTC(2021, 4, 6, 7, 8, 9),
      dateFrom: 'video',
    });
    const unset = { creation_time: '1970-01-01T00:00:00Z', location: '+99.0+999.0/' };
    expect(await at('c.mp4', unset)).toEqual({
      taken: null,
      dateFrom: 'file',
      latitude: null,
      longitude: null,
    });
  });

  it('videos are looked at evenly over their time', () => {
    expect(stillTimes(8, 3)).toEqual([2, 4, 6]);
    expect(stillTimes(10, 1)).toEqual([5]);
    expect(stillTimes(null, 3)).toEqual([0]);
  });
});
