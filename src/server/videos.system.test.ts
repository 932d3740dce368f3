import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeVideoOf, pathWithFfmpeg } from '../../test/ffmpeg.ts';
import { indexPhotos } from '../library/index-photos.ts';
import { partOf } from './pictures/send-video.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';

it('a part of a video is that which the player asks for', () => {
  const part = (start: number, end: number) => ({ start, end, isWhole: false });
  const whole = { start: 0, end: 99, isWhole: true };
  expect(partOf(undefined, 100)).toEqual(whole);
  expect(partOf('bytes=0-', 100)).toEqual(part(0, 99));
  expect(partOf('bytes=10-19', 100)).toEqual(part(10, 19));
  expect(partOf('bytes=90-1000', 100)).toEqual(part(90, 99));
  expect(partOf('bytes=-10', 100)).toEqual(part(90, 99));
  expect(partOf('bytes=-1000', 100)).toEqual(part(0, 99));
  for (const range of ['bytes=100-', 'bytes=20-10', 'bytes=-0']) expect(partOf(range, 100)).toBeUndefined();
  for (const range of ['bytes=0-1,5-6', 'lines=1-2', 'bytes=-', 'bytes=a-b'])
    expect(partOf(range, 100)).toEqual(whole);
});

describe('videos over HTTP', () => {
  let server: TestServer;
  let file: string;
  let video: { id: string; at: number };
  const path = process.env.PATH;
  beforeAll(async () => {
    process.env.PATH = pathWithFfmpeg();
    server = await startTestServer({ things: ['cat'] });
    file = join(server.photos, 'clip.mp4');
    makeVideoOf(['dog/00', 'dog6/00', 'vase/00', 'can/00'], file);
    await indexPhotos(server.context.store, server.context.clip, server.photos);
    await server.context.library.refresh();
    const { total, photos } = (await server.send('/api/photos')).json;
    expect(total).toBe(4);
    video = photos.find(({ name }: { name: string }) => name === 'clip.mp4');
  });
  afterAll(async () => {
    process.env.PATH = path;
    await server.close();
  });

  it('videos over HTTP are listed once, and found once, at the time of the picture that fits best', async () => {
    expect(video).toMatchObject({ at: 1, width: 224, dateFrom: 'file' });
    const { total, photos } = (await server.send('/api/search', { body: { sentence: 'a can' } })).json;
    expect(total).toBe(4);
    const found = photos.filter((hit: { id: string }) => hit.id === video.id);
    expect(found).toHaveLength(1);
    expect([1, 2, 3]).toContain(found[0].at);
  });

  it('videos over HTTP are shown by the picture of that time, and by no other', async () => {
    const tile = async (query: string) => {
      const { headers, body } = await server.send(`/api/photos/${video.id}/tile${query}`);
      expect(headers['content-type']).toBe('image/webp');
      return sharp(body).resize(8, 8).raw().toBuffer();
    };
    const [first, second, third, other] = [
      await tile(''),
      await tile('?at=2'),
      await tile('?at=3'),
      await tile('?at=1.5'),
    ];
    expect(second).not.toEqual(first);
    expect(third).not.toEqual(second);
    expect(other).toEqual(first); // a time that is not indexed is not looked up in the file
    expect((await server.send(`/api/photos/${video.id}/tile?at=x`)).status).toBe(400);
  });

  it('videos over HTTP are played whole and in parts', async () => {
    const whole = await readFile(file);
    const send = (range?: string) =>
      server.send(`/api/photos/${video.id}/video`, range === undefined ? {} : { headers: { range } });
    const all = await send();
    expect({ status: all.status, type: all.headers['content-type'] }).toEqual({
      status: 200,
      type: 'video/mp4',
    });
    expect(all.body).toEqual(whole);
    const part = await send('bytes=100-299');
    expect(part.status).toBe(206);
    expect(part.headers).toMatchObject({
      'content-range': `bytes 100-299/${whole.length}`,
      'content-length': '200',
    });
    expect(part.body).toEqual(whole.subarray(100, 300));
    expect((await send(`bytes=${whole.length}-`)).status).toBe(416);
    const [photo] = (await server.send('/api/photos')).json.photos.filter(
      ({ at }: { at: unknown }) => at === null,
    );
    expect((await server.send(`/api/photos/${photo.id}/video`)).status).toBe(404);
  });

  it('videos over HTTP are not learnt from, and say so', async () => {
    const all = (await server.send('/api/photos')).json.photos as { id: string }[];
    const body = { name: 'Clip', photos: all.map(({ id }) => id) };
    const said = [];
    for await (const event of server.events('/api/learn', { body })) said.push(event);
    expect(said.at(-1)).toMatchObject({
      kind: 'error',
      error: expect.stringContaining('a video, expected a photo'),
    });
  });

  it('videos over HTTP that are gone are said to be gone', async () => {
    await rm(file);
    expect((await server.send(`/api/photos/${video.id}/video`)).status).toBe(404);
  });
});
