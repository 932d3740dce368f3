import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photo } from '../../test/data.ts';
import { Renditions } from './pictures/renditions.ts';
import { UPLOAD_LIMITS } from './pictures/uploads.ts';
import { picturesForm, startTestServer, type TestServer } from './server.fixture.ts';

let server: TestServer;

/** A PNG that says in its header to be this large, and holds next to nothing. */
function hugePng(width: number, height: number, interlace: 0 | 1 = 0): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, interlace], 8); // 8 bits, RGBA
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const upload = (pictures: Parameters<typeof picturesForm>[0]) =>
  server.send('/api/uploads', { body: picturesForm(pictures) });

describe('photos over HTTP', () => {
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it('photos over HTTP are listed in parts, without their places on the disk', async () => {
    const whole = (await server.send('/api/photos')).json;
    expect(whole.photos).toHaveLength(whole.total);
    expect(JSON.stringify(whole)).not.toContain(server.photos);
    const part = (await server.send('/api/photos?offset=2&limit=3')).json;
    expect(part.photos).toEqual(whole.photos.slice(2, 5));
    expect((await server.send('/api/photos?offset=1000000')).json.photos).toEqual([]);
    for (const query of ['offset=-1', 'limit=0', 'limit=1001', 'offset=1.5', 'limit=x', 'offset=1e400']) {
      const { status, json } = await server.send(`/api/photos?${query}`);
      expect({ query, status }).toEqual({ query, status: 400 });
      expect(json.error).toMatch(/^(offset|limit): [^\n]+$/);
    }
  });

  it('photos over HTTP are described and shown by their ids, upright and small', async () => {
    const [photo] = (await server.send('/api/photos')).json.photos;
    const detail = (await server.send(`/api/photos/${photo.id}`)).json;
    expect(detail).toEqual({
      ...photo,
      folder: expect.any(String),
      bytes: expect.any(Number),
      link: null,
    });
    const { size } = await stat(join(detail.folder, detail.name));
    expect(detail.bytes).toBe(size);
    const tile = await sharp((await server.send(`/api/photos/${photo.id}/tile`)).body).metadata();
    const view = await sharp((await server.send(`/api/photos/${photo.id}/view`)).body).metadata();
    expect([tile.format, view.format]).toEqual(['webp', 'webp']);
    expect(Math.min(tile.width, tile.height)).toBeLessThanOrEqual(480);
    expect([view.width, view.height]).toEqual([photo.width, photo.height]);
  });

  it('photos over HTTP are shown by ids alone: never a path, never a file that is not in the library', async () => {
    await writeFile(join(server.home, 'secret.jpg'), await readFile(photo('dog/00')));
    const secret = join(server.home, 'secret.jpg');
    const known = join(server.photos, 'cat', '00.jpg');
    const ids = [
      '../../secret.jpg',
      '..%2f..%2fsecret.jpg',
      '%2e%2e%2f%2e%2e%2fsecret.jpg',
      '..%5c..%5csecret.jpg',
      '%2e%2e',
      '..',
      '.',
      '%00',
      'uploads',
      secret,
      encodeURIComponent(secret),
      known,
      encodeURIComponent(known),
      `file:%2f%2f${encodeURIComponent(known)}`,
      '0'.repeat(20),
      '0'.repeat(64),
      'f'.repeat(65),
      '__proto__',
      'constructor',
      '%F0%9F%90%B6',
      '%ff%fe',
    ];
    for (const id of ids) {
      for (const what of ['', '/tile', '/view']) {
        const path = `/api/photos/${id}${what}`;
        const { status, headers, json } = await server.send(path);
        expect([400, 404], path).toContain(status);
        expect(headers['content-type'], path).toMatch(/^application\/json/);
        expect(json.error, path).toMatch(/^[^\n]+$/);
        expect(json.error, path).not.toContain(server.home);
      }
    }
    for (const path of ['/../../secret.jpg', '/..%2fsecret.jpg', '/%2e%2e/secret.jpg', secret]) {
      expect((await server.send(path)).status, path).toBe(404);
    }
  });

  it('photos over HTTP that have gone are said to be gone', async () => {
    const copy = join(server.home, 'gone');
    await mkdir(copy);
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#803010' } })
      .jpeg()
      .toFile(join(copy, 'a.jpg'));
    await addFolder(copy);
    const all = (await server.send('/api/photos?limit=1000')).json.photos as { id: string; name: string }[];
    const { id } = all.find(({ name }) => name === 'a.jpg')!;
    await writeFile(join(copy, 'a.jpg'), 'no picture any more');
    const { status, json } = await server.send(`/api/photos/${id}/tile`);
    expect({ status, json }).toMatchObject({
      status: 404,
      json: { error: 'the photo is gone or cannot be read', code: 'not-found' },
    });
  });

  it('photos over HTTP are shown where their small copies cannot be kept', async () => {
    const { renditions, library } = server.context;
    const { path, hash } = await library.use(({ photos }) => photos.at(-1)!);
    const [first] = hash;
    await mkdir(join(server.home, 'renditions'), { recursive: true });
    const folder = join(server.home, 'renditions', hash.slice(0, 2));
    expect(
      await stat(folder).catch(() => undefined),
      `another photo's hash begins with ${first}`,
    ).toBeUndefined();
    await writeFile(folder, 'a file where a folder is to be');
    expect(
      (await sharp((await renditions.get({ path, hash, at: null }, 'tile')).bytes).metadata()).format,
    ).toBe('webp');
  });

  it('photos over HTTP keep their small copies up to a limit, those looked at last', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'polar-renditions-'));
    const renditions = new Renditions(folder);
    const sizes = new Map<string, number>();
    const photos = await server.context.library.use((snapshot) => snapshot.photos.slice(-4));
    for (const [index, { path, hash }] of photos.entries()) {
      sizes.set(hash, (await renditions.get({ path, hash, at: null }, 'tile')).bytes.length);
      // The second was looked at before the first, and so on.
      const looked = new Date(Date.now() - index * 86_400_000);
      await utimes(join(folder, hash.slice(0, 2), `${hash}-tile.webp`), looked, looked);
    }
    const hashes = [...sizes.keys()];
    await renditions.sweep(sizes.get(hashes[0]!)! + sizes.get(hashes[1]!)!);
    const left = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.webp'));
    expect(left.map((name) => basename(name, '-tile.webp')).sort()).toEqual(hashes.slice(0, 2).sort());
    await rm(folder, { recursive: true });
  });

  it('photos over HTTP that were replaced since they were indexed are shown as they are, and never kept as the old ones', async () => {
    const copy = join(server.home, 'replaced');
    await mkdir(copy);
    const square = (background: string) =>
      sharp({ create: { width: 64, height: 64, channels: 3, background } })
        .jpeg()
        .toBuffer();
    await writeFile(join(copy, 'red.jpg'), await square('#e01010'));
    await addFolder(copy);
    const idOf = async () => {
      const { photos } = (await server.send('/api/photos?limit=1000')).json;
      return photos.find(({ name }: { name: string }) => name === 'red.jpg').id as string;
    };
    const id = await idOf();
    await writeFile(join(copy, 'red.jpg'), await square('#1010e0'));
    const changed = await server.send(`/api/photos/${id}/tile`);
    expect(changed.headers['cache-control']).toBe('no-store');
    expect(await isBlue(changed.body)).toBe(true);
    await writeFile(join(copy, 'red.jpg'), await square('#e01010'));
    const back = await server.send(`/api/photos/${id}/tile`);
    expect(back.headers['cache-control']).toMatch(/immutable/);
    expect(await isBlue(back.body)).toBe(false);
  });

  it('photos over HTTP that became links, drawings or pipes are not opened, and nothing waits for them', async () => {
    const copy = join(server.home, 'swapped');
    await mkdir(join(copy, 'inside'), { recursive: true });
    const outside = join(server.home, 'outside');
    await mkdir(outside);
    const names = ['link.jpg', 'drawing.jpg', 'pipe.jpg', 'inside/below.jpg'];
    for (const [i, name] of names.entries()) {
      const picture = { create: { width: 64, height: 64, channels: 3, background: `#80301${i}` } } as const;
      await sharp(picture).jpeg().toFile(join(copy, name));
      await sharp(picture)
        .jpeg()
        .toFile(join(outside, basename(name)));
    }
    await addFolder(copy);
    const { photos } = (await server.send('/api/photos?limit=1000')).json;
    const idOf = (name: string) => photos.find((photo: { name: string }) => photo.name === basename(name)).id;
    for (const name of names.slice(0, 3)) await rm(join(copy, name));
    await symlink(join(outside, 'link.jpg'), join(copy, 'link.jpg'));
    await writeFile(
      join(copy, 'drawing.jpg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>',
    );
    execFileSync('mkfifo', [join(copy, 'pipe.jpg')]);
    await rm(join(copy, 'inside'), { recursive: true });
    await symlink(outside, join(copy, 'inside'));
    const replies = await Promise.all(names.map((name) => server.send(`/api/photos/${idOf(name)}/view`)));
    for (const { status, json } of replies) {
      expect({ status, json }).toMatchObject({
        status: 404,
        json: { code: 'not-found', error: 'the photo is gone or cannot be read' },
      });
    }
  });
});

async function isBlue(picture: Buffer): Promise<boolean> {
  const { channels } = await sharp(picture).stats();
  return channels[2]!.mean > channels[0]!.mean;
}

async function addFolder(folder: string): Promise<void> {
  expect((await server.send('/api/job', { body: { folder } })).status).toBe(200);
  let last: unknown;
  for await (const event of server.events('/api/job')) last = event;
  expect(last).toMatchObject({ state: 'done' });
}

describe('pictures that are brought in', () => {
  beforeAll(async () => {
    server = await startTestServer({ things: [] });
  });
  afterAll(() => server.close());

  it('pictures that are brought in are kept by content under their own ids, and shown', async () => {
    const dog = await readFile(photo('dog/00'));
    const cat = await readFile(photo('cat/00'));
    const { status, json } = await upload([
      ['dog.jpg', dog],
      ['cat.jpg', cat],
    ]);
    expect({ status, refused: json.refused }).toEqual({ status: 200, refused: [] });
    expect(json.photos.map(({ name }: { name: string }) => name)).toEqual(['dog.jpg', 'cat.jpg']);
    for (const { id } of json.photos) {
      expect((await server.send(`/api/photos/${id}/tile`)).headers['content-type']).toBe('image/webp');
    }
    const again = await Promise.all(Array.from({ length: 5 }, () => upload([['same.jpg', dog]])));
    for (const { json: same } of again) {
      expect(same).toEqual({ photos: [{ id: json.photos[0].id, name: 'same.jpg' }], refused: [] });
    }
  });

  it('pictures that are brought in are refused one by one with the reason, and the good ones among them taken', async () => {
    const good = await readFile(photo('dog/01'));
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>');
    const { status, json } = await upload([
      ['text.jpg', Buffer.from('no picture')],
      ['page.jpg', Buffer.from('<!doctype html><script>alert(1)</script>')],
      ['empty.png', Buffer.alloc(0)],
      ['cut.jpg', good.subarray(0, 2000)],
      ['drawing.jpg', svg],
      ['bomb.png', hugePng(50_000, 50_000, 1)],
      ['wide.png', hugePng(1_000_000, 1210, 1)],
      ['short.png', hugePng(3000, 3000)],
      ['../../<img src=x onerror=alert(1)>.jpg', Buffer.from('x')],
      ['mislabelled.gif', good],
    ]);
    expect(status).toBe(200);
    expect(json.photos.map(({ name }: { name: string }) => name)).toEqual(['mislabelled.gif']);
    const reasons = new Map(
      json.refused.map(({ name, reason }: { name: string; reason: { text: string } }) => [name, reason.text]),
    );
    expect(reasons.get('text.jpg')).toMatch(/^text\.jpg: not a picture that can be read/);
    expect(reasons.get('page.jpg')).toMatch(/not a picture that can be read/);
    expect(reasons.get('empty.png')).toMatch(/an empty file/);
    expect(reasons.get('cut.jpg')).toMatch(/a damaged picture/);
    expect(reasons.get('drawing.jpg')).toMatch(/a picture in the format svg, .*expected JPEG/);
    expect(reasons.get('bomb.png')).toMatch(
      /^bomb\.png: 50000 x 50000 pixels, which take 1\d\.\d GB of memory to decode, more than the \d\.\d GB allowed/,
    );
    expect(reasons.get('wide.png')).toMatch(/1000000 x 1210 pixels, which take \d\.\d GB/);
    expect(reasons.get('short.png')).toMatch(/a damaged picture/);
    expect(reasons.size).toBe(9);
    for (const reason of reasons.values()) expect(reason).toMatch(/^[^\n]+$/);
  });

  it('pictures that are brought in are limited in size and number, each and together', async () => {
    const small = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const large = Buffer.concat([small, Buffer.alloc(UPLOAD_LIMITS.bytes)]);
    const { json } = await upload([['large.png', large]]);
    expect(json.refused[0].reason.text).toMatch(/large\.png: more than the limit of 40 MB/);

    const many = Array.from({ length: UPLOAD_LIMITS.count + 1 }, (_, i) => [`${i}.png`, small] as const);
    const tooMany = await upload(many);
    expect({ status: tooMany.status, json: tooMany.json }).toMatchObject({
      status: 413,
      json: { error: 'more than 40 files at once', code: 'too-large' },
    });

    // The length alone decides: nothing of the body is read.
    const promised = await server.send('/api/uploads', {
      method: 'POST',
      headers: {
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': String(UPLOAD_LIMITS.totalBytes + 1),
        expect: '100-continue',
      },
    });
    expect({ status: promised.status, json: promised.json }).toMatchObject({
      status: 413,
      json: { error: 'more than 200 MB at once; bring in fewer photos', code: 'too-large' },
    });
  });

  it('pictures that are brought in come in a form of few parts, and others are answered while a hostile one is read', async () => {
    const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';
    const empty = { body: `${part.repeat(200_000)}--x--\r\n`, headers: { 'content-type': FORM } };
    const before = process.cpuUsage();
    const hostile = server.send('/api/uploads', empty);
    expect((await server.send('/api/state')).status).toBe(200);
    expect(await hostile).toMatchObject({ status: 413, json: { error: 'more than 5 fields at once' } });
    const { user, system } = process.cpuUsage(before); // of this process, whatever others do meanwhile
    expect((user + system) / 1e6).toBeLessThan(3);
    const files = '--x\r\nContent-Disposition: form-data; name="b"; filename="f"\r\n\r\n\r\n';
    const others = { body: `${files.repeat(100_000)}--x--\r\n`, headers: { 'content-type': FORM } };
    for (const path of ['/api/uploads', '/api/concepts']) {
      expect((await server.send(path, others)).json.error, path).toMatch(/^more than \d+ files? at once$/);
    }
    const value = part.replace('\r\n\r\n', `\r\n\r\n${'y'.repeat(2000)}`);
    const long = { body: `${value}--x--\r\n`, headers: { 'content-type': FORM } };
    expect((await server.send('/api/uploads', long)).status).toBe(413);
    const broken = { body: files.slice(0, -4), headers: { 'content-type': FORM } };
    expect((await server.send('/api/uploads', broken)).status).toBe(400);
    expect((await readdir(join(server.home, 'uploads'))).filter((name) => name.endsWith('.partial'))).toEqual(
      [],
    );
  });
  const FORM = 'multipart/form-data; boundary=x';

  it('pictures that are brought in come as a form of files, or the request is refused', async () => {
    const noFile = new FormData();
    noFile.append('photos', 'text');
    const other = new FormData();
    other.append('other', new Blob(['x']), 'x.jpg');
    for (const body of [noFile, other, new FormData()]) {
      const { status, json } = await server.send('/api/uploads', { body });
      expect(status).toBe(400);
      expect(json.error).toMatch(/^[^\n]+$/);
    }
    for (const type of [
      'multipart/form-data; boundary=x',
      'multipart/form-data',
      'application/json',
      'image/jpeg',
    ]) {
      const wire = { body: 'garbage', headers: { 'content-type': type } };
      const { status, json } = await server.send('/api/uploads', wire);
      expect([400, 415], type).toContain(status);
      expect(json.error).toMatch(/^[^\n]+$/);
    }
  });

  it('pictures that are brought in and that nothing was learnt from are swept after a day', async () => {
    const { uploads } = server.context;
    const bytes = await readFile(photo('vase/00'));
    const kept = await uploads.add('kept', bytes);
    const { hash } = await uploads.add('old', await readFile(photo('vase/01')));
    await uploads.sweep(new Set([kept.hash]));
    expect(await uploads.find(hash)).toBeDefined();
    await uploads.sweep(new Set([kept.hash]), Date.now() + 25 * 3_600_000);
    expect(await uploads.find(hash)).toBeUndefined();
    expect(await uploads.find(kept.hash)).toBeDefined();
  });
});
