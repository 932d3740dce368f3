import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { photo } from '../../test/data.ts';
import { learn as learnFromFiles } from '../node/learn.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { zipConcept } from '../polar/concept/zip.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';

// Learning takes about a second on an idle machine; CI runs other tests beside these.
vi.setConfig({ testTimeout: 180_000 });

const HOSTILE_NAMES = [
  '<img src=x onerror=alert(1)>',
  '"quoted"',
  'two\nlines',
  'tab\there',
  'zero\0',
  '../up',
  'a/b',
  'a\\b',
  '..',
  ' ',
  '',
  'x'.repeat(61),
  '\u202Eright to left',
];

describe('concepts over HTTP', () => {
  let server: TestServer;
  let dogs: string[];
  let cats: string[];
  let made: Concept;
  beforeAll(async () => {
    server = await startTestServer();
    const photos = await server.context.library.use((snapshot) => snapshot.photos);
    const idsIn = (thing: string) =>
      photos.filter(({ path }) => path.includes(join('photos', thing))).map(({ id }) => id);
    dogs = idsIn('dog');
    cats = idsIn('cat');
    const files = ['00', '01'].map((name) => photo(`dog6/${name}`));
    made = (await learnFromFiles(server.context.clip, 'Made', files, { iterations: 3 })).concept;
  });
  afterAll(() => server.close());
  beforeEach(() => rm(join(server.home, 'concepts'), { recursive: true, force: true }));

  const learn = (request: object) => collect(server.events('/api/learn', { body: request }));
  async function collect(events: AsyncGenerator): Promise<Record<string, unknown>[]> {
    const all: Record<string, unknown>[] = [];
    for await (const event of events) all.push(event as Record<string, unknown>);
    return all;
  }
  /** Puts a concept there without learning it. */
  const put = (name: string) => server.context.concepts.save({ ...made, name });
  const names = async () =>
    (await server.send('/api/state')).json.concepts.map(({ name }: { name: string }) => name);
  const importZip = (zip: Uint8Array, fileName = 'thing.zip', name?: string) => {
    const body = new FormData();
    body.append('adapter', new Blob([Uint8Array.from(zip)]), fileName);
    if (name !== undefined) body.append('name', name);
    return server.send('/api/concepts', { body });
  };
  const filesOf = (concept: Concept) => unzipSync(zipConcept(concept));

  it('concepts over HTTP are reviewed: answers become examples and negatives; a photo is taken out; what is deleted comes back', async () => {
    await learn({ name: 'Rex', className: 'dog', photos: dogs.slice(0, 3) });
    const asked = (await server.send('/api/concepts/rex/review')).json as { id: string }[];
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.map(({ id }) => id).filter((id) => dogs.slice(0, 3).includes(id))).toEqual([]);
    const [yes, ...no] = asked.map(({ id }) => id);
    const answered = await server.send('/api/concepts/rex/review', { body: { yes: [yes], no } });
    expect(answered.json).toMatchObject({ name: 'Rex', photos: 4 });
    expect((await server.context.concepts.get('Rex')).lookAlikes!.rows).toBe(no.length);
    const fewer = await server.send('/api/concepts/rex/photos/0', { method: 'DELETE' });
    expect(fewer.json).toMatchObject({ photos: 3 });
    expect((await server.send('/api/concepts/rex/photos/9', { method: 'DELETE' })).status).toBe(404);
    await server.send('/api/concepts/rex', { method: 'DELETE' });
    const [deleted] = (await server.send('/api/deleted')).json;
    expect(deleted).toMatchObject({ name: 'Rex' });
    expect(Date.parse(deleted.until) - Date.now()).toBeGreaterThan(29 * 86_400_000);
    const back = await server.send(`/api/deleted/${deleted.id}`, { method: 'POST' });
    expect(back.json).toMatchObject({ name: 'Rex', photos: 3 });
    expect((await server.send('/api/deleted')).json).toEqual([]);
    expect((await server.send('/api/deleted/..%2Fx', { method: 'POST' })).status).toBe(400);
  });

  it('concepts over HTTP are learnt with a live curve, found by name, shown with photos and quality', async () => {
    const tower = vi.spyOn(server.context.clip, 'encodePixels');
    const events = await learn({ name: ' Rex ', className: 'dog', photos: dogs.slice(0, 3) });
    expect(tower).not.toHaveBeenCalled(); // they are in the index
    const losses = events.flatMap((event) => (event.losses as number[] | undefined) ?? []);
    expect(losses).toHaveLength(500);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    expect(events.length).toBeGreaterThan(2);
    expect(events.at(-1)).toMatchObject({
      kind: 'learnt',
      concept: { name: 'Rex', className: 'dog', photos: 3, usable: true, cover: expect.any(String) },
    });
    const { json: quality } = await server.send('/api/concepts/rex/quality');
    expect(quality).toMatchObject({ photos: 3, verdict: expect.stringMatching(/^(very good|fair|poor)$/) });
    const { json: detail } = await server.send('/api/concepts/REX');
    expect(detail.examples.map(({ id }: { id: string }) => id)).toEqual(dogs.slice(0, 3));

    const found = (await server.send('/api/search', { body: { sentence: 'Rex in the snow' } })).json;
    expect(found).toMatchObject({ text: 'sks dog in the snow', concepts: ['Rex'] });
    const body = { sentence: 'Rex in the snow', plain: true };
    expect((await server.send('/api/search', { body })).json).toMatchObject({
      text: 'dog in the snow',
      concepts: [],
    });
  });

  it('concepts over HTTP are learnt further, or again, and otherwise never written over', async () => {
    await server.context.concepts.save({ ...made, name: 'Rex', className: 'dog' });
    const [clash] = await learn({ name: 'REX', photos: dogs.slice(2, 4) });
    expect(clash).toMatchObject({
      kind: 'error',
      error: expect.stringMatching(/concept "REX" already/),
      code: 'exists',
    });
    const added = await learn({ name: 'rex', photos: [dogs[2]!], mode: 'add' });
    expect(added.at(-1)).toMatchObject({ concept: { name: 'Rex', className: 'dog', photos: 3 } });
    const replaced = await learn({ name: 'rex', photos: cats.slice(0, 2), mode: 'replace' });
    expect(replaced.at(-1)).toMatchObject({ concept: { name: 'Rex', className: null, photos: 2 } });
    expect(await learn({ name: 'Nobody', photos: dogs.slice(0, 2), mode: 'add' })).toMatchObject([
      {
        kind: 'error',
        error: 'there is no concept "Nobody" to add photos to; learn it first',
        code: 'not-found',
      },
    ]);
    expect(await names()).toEqual(['Rex']);
  });

  it('concepts over HTTP keep every photo where several are added at once', async () => {
    await put('Rex');
    await Promise.all(dogs.slice(2, 5).map((id) => learn({ name: 'Rex', photos: [id], mode: 'add' })));
    expect((await server.send('/api/concepts/Rex')).json.photos).toBe(5);
  });

  it('concepts over HTTP of one name that are learnt at once do not mix: one is learnt, the others refused', async () => {
    const all = await Promise.all(
      [dogs, cats, dogs].map((ids) => learn({ name: 'Rex', photos: ids.slice(0, 3) })),
    );
    const ends = all.map((events) => events.at(-1)!.kind).sort();
    expect(ends).toEqual(['error', 'error', 'learnt']);
    expect((await server.send('/api/concepts/Rex')).status).toBe(200);
  });

  it('concepts over HTTP are not learnt from what is not there, too little or nothing', async () => {
    const cases: [object, RegExp][] = [
      [{ name: 'Rex', photos: [dogs[0]] }, /"Rex": 1 photo, expected at least 2/],
      [{ name: 'Rex', photos: ['0'.repeat(20), dogs[0]] }, /no photo has this id/],
      [{ name: 'Rex', photos: ['../../etc/passwd', dogs[0]] }, /no photo has this id/],
    ];
    for (const [request, message] of cases) {
      const events = await learn(request);
      expect(events).toMatchObject([
        {
          kind: 'error',
          error: expect.stringMatching(message),
          code: expect.stringMatching(/^[a-z-]+$/),
          message: { text: expect.stringMatching(message) },
        },
      ]);
    }
    for (const body of [
      {},
      { name: 'Rex' },
      { name: 'Rex', photos: [] },
      { name: 'Rex', photos: 'x' },
      { name: 1, photos: dogs },
      { name: 'Rex', photos: Array(101).fill(dogs[0]) },
      { name: 'Rex', photos: ['x'.repeat(65), dogs[0]] },
      { name: 'Rex', photos: dogs, mode: 'other' },
      { name: 'Rex', photos: dogs, className: 'x'.repeat(61) },
    ]) {
      const { status, json } = await server.send('/api/learn', { body });
      expect({ body, status }).toEqual({ body, status: 400 });
      expect(json.error).toMatch(/^[^\n]+$/);
    }
    expect(await names()).toEqual([]);
    expect(await readdir(join(server.home, 'concepts')).catch(() => [])).toEqual([]);
  });

  it('concepts over HTTP stop being learnt when the reader goes away: nothing is saved, nothing half-written left', async () => {
    await put('Rex');
    const before = (await server.send('/api/concepts/Rex')).json;
    for (const request of [
      { name: 'Stopped', photos: dogs },
      { name: 'Rex', photos: cats, mode: 'replace' },
    ]) {
      const end = new AbortController();
      for await (const event of server.events('/api/learn', { body: request }, end.signal)) {
        expect(event).toMatchObject({ kind: 'steps' }); // comes with the first of 500 steps
        end.abort();
      }
    }
    // What waits for its turn and is given up before it comes is not learnt either.
    const end = new AbortController();
    const first = server.events('/api/learn', { body: { name: 'First', photos: dogs } });
    await first.next();
    const waiting = server
      .events('/api/learn', { body: { name: 'Given up', photos: dogs } }, end.signal)
      .next();
    const last = learn({ name: 'Last', photos: dogs });
    await sleep(20); // the requests are there; the first one is learnt meanwhile
    end.abort();
    await Promise.all([collect(first), waiting, last]);
    expect(await names()).toEqual(['First', 'Last', 'Rex']);
    expect((await server.send('/api/concepts/Rex')).json).toEqual(before);
    expect((await readdir(join(server.home, 'concepts'))).sort()).toEqual(['first', 'last', 'rex']);
  });

  it.each(HOSTILE_NAMES)('a concept is not called %j', async (name) => {
    await put('Rex');
    const refusal = /cannot be used; expected letters and digits/;
    expect(await learn({ name, photos: dogs.slice(0, 2) })).toMatchObject([
      {
        kind: 'error',
        error: expect.stringMatching(refusal),
        code: 'invalid-input',
        message: { code: 'concept.name' },
      },
    ]);
    const renamed = await server.send('/api/concepts/Rex', { method: 'PATCH', body: { name } });
    expect(renamed.status).toBe(400);
    expect(renamed.json.error).toMatch(refusal);
    const imported = await importZip(zipConcept({ ...made, name }));
    expect(imported.status).toBe(400);
    expect(imported.json.error).toMatch(refusal);
    for (const reply of [renamed, imported]) expect(reply.json.error).toMatch(/^[^\n\t\0]+$/);
    const shown = await server.send(`/api/concepts/${encodeURIComponent(name)}`);
    expect([400, 404]).toContain(shown.status);
    expect(await names()).toEqual(['Rex']);
    expect(await readdir(join(server.home, 'concepts'))).toEqual(['rex']);
  });

  it('concepts over HTTP are renamed and deleted', async () => {
    await put('Rex');
    await put('Mimi');
    const rename = (from: string, name: string) =>
      server.send(`/api/concepts/${encodeURIComponent(from)}`, { method: 'PATCH', body: { name } });
    expect((await rename('rex', "Rex's friend Ünal")).json).toMatchObject({ name: "Rex's friend Ünal" });
    expect(await names()).toEqual(['Mimi', "Rex's friend Ünal"]);
    expect(await rename('mimi', "REX'S FRIEND ÜNAL")).toMatchObject({
      status: 400,
      json: { error: expect.stringMatching(/there is a concept .* already/), code: 'exists' },
    });
    expect((await rename('mimi', 'MIMI')).json).toMatchObject({ name: 'MIMI' });
    expect((await rename('nobody', 'x')).status).toBe(404);
    const remove = (name: string) =>
      server.send(`/api/concepts/${encodeURIComponent(name)}`, { method: 'DELETE' });
    expect((await remove("rex's friend ünal")).status).toBe(200);
    expect((await remove("rex's friend ünal")).status).toBe(404);
    expect(await names()).toEqual(['MIMI']);
  });

  it('concepts over HTTP are downloaded as an adapter with a safe file name, and come back the same', async () => {
    const name = "Rex's Ünal_1.2-x";
    await put(name);
    const path = `/api/concepts/${encodeURIComponent(name)}`;
    const zip = await server.send(`${path}/adapter.zip`);
    expect(zip.headers).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': "attachment; filename*=UTF-8''Rex%27s%20%C3%9Cnal_1.2-x.zip",
      'x-content-type-options': 'nosniff',
    });
    const before = (await server.send(path)).json;
    expect((await importZip(zip.body)).json.error).toMatch(
      /there is a concept ".*" already; choose another name/,
    );
    expect((await importZip(zip.body, 'x.zip', 'Other')).json).toMatchObject({ name: 'Other', usable: true });
    await server.send(path, { method: 'DELETE' });
    expect((await importZip(zip.body)).status).toBe(200);
    expect((await server.send(path)).json).toEqual(before);
    expect((await server.send('/api/concepts/nobody/adapter.zip')).status).toBe(404);
  });

  it('concepts over HTTP come in from a folder in a zip, packed or not', async () => {
    const packed = zipSync(
      Object.fromEntries(Object.entries(filesOf(made)).map(([file, bytes]) => [`a/b/${file}`, bytes])),
      { level: 9 },
    );
    expect((await importZip(packed)).json).toMatchObject({ name: 'Made', photos: 2 });
  });

  it('concepts over HTTP whose paths lead elsewhere are read by their last name alone; nothing is written anywhere else', async () => {
    const before = await readdir(server.home);
    const hostile = Object.fromEntries(
      Object.entries(filesOf(made)).map(([file, bytes]) => [`../../../${file}`, bytes]),
    );
    const zip = zipSync({
      ...hostile,
      '/etc/polar-test': new Uint8Array(1),
      '../evil.js': new Uint8Array(1),
    });
    expect((await importZip(zip)).json).toMatchObject({ name: 'Made' });
    expect((await readdir(server.home)).sort()).toEqual([...new Set([...before, 'concepts'])].sort());
    expect(await readdir(join(server.home, 'concepts'))).toEqual(['made']);
  });

  it('concepts over HTTP are refused with the reason where they do not fit or are no concepts', async () => {
    const good = filesOf(made);
    const weights = 'adapter_model.safetensors';
    const bomb = zipSync({ ...good, 'features.safetensors': new Uint8Array(12_000_000) }, { level: 9 });
    expect(bomb.length).toBeLessThan(100_000);
    const lying = Buffer.from(bomb); // its header and list say that it is small
    for (let at = 0; at < lying.length - 4; at++) {
      if (lying.readUInt32LE(at) === 12_000_000) lying.writeUInt32LE(100, at);
    }
    const pair = { A: made.A.slice(0, 8), B: made.B.slice(0, 8) };
    const wide = { rows: 2, columns: 3, data: Float32Array.of(1, 0, 0, 1, 0, 0) };
    const cases: [Uint8Array, RegExp][] = [
      [Buffer.from('garbage'), /thing\.zip: not a zip file that can be read/],
      [new Uint8Array(0), /thing\.zip: not a zip file that can be read/],
      [Buffer.from('PK\x03\x04 and then garbage'), /thing\.zip: /],
      [zipConcept(made).subarray(0, zipConcept(made).length / 2), /thing\.zip: /],
      [zipSync({}), /adapter_config\.json: missing;/],
      [zipSync({ 'a.txt': new Uint8Array(9) }), /adapter_config\.json: missing;/],
      [
        zipSync({ ...good, 'adapter_config.json': Buffer.from('{"peft_type":"IA3"}') }),
        /expected LORA of rank 1/,
      ],
      [zipSync({ ...good, [weights]: Buffer.from('x'.repeat(100)) }), /adapter_model\.safetensors/],
      [bomb, /unpacks to more than 10 MB; a concept is far smaller/],
      [lying, /unpacks to more than 10 MB|not a zip file that can be read/],
      [
        zipConcept({ ...made, modelId: 'openai/other' }),
        /was learnt with openai\/other@.*, the model in use is/,
      ],
      [zipConcept({ ...made, revision: 'other' }), /learn it again with this state of the model/],
      [zipConcept({ ...made, ...pair }), /updates layer \d+ of width 8/],
      [zipConcept({ ...made, layer: 0 }), /updates layer 0/],
      [zipConcept({ ...made, features: wide, photoHashes: [] }), /keeps photo features of 3 numbers/],
    ];
    for (const [zip, message] of cases) {
      const { status, json } = await importZip(zip);
      expect({ status, error: json.error }).toEqual({ status: 400, error: expect.stringMatching(message) });
      expect(json.error).toMatch(/^[^\n]+$/);
      expect(json.message.code).not.toBeNull(); // the page says it in its own language
    }
    const large = await importZip(new Uint8Array(11_000_000));
    expect(large).toMatchObject({
      status: 413,
      json: { error: 'more than 10 MB; a concept is far smaller', code: 'too-large' },
    });
    const body = new FormData();
    body.append('adapter', 'text');
    expect((await server.send('/api/concepts', { body })).json.error).toMatch(/no file in the request/);
    expect(await names()).toEqual([]);
  });

  it('concepts over HTTP that name more photos than there can be are refused, on import and where they lie', async () => {
    const photoHashes = Array.from({ length: 140_000 }, (_, i) => i.toString(16).padStart(64, '0'));
    const zip = zipConcept({ ...made, photoHashes });
    expect(zip.length).toBeLessThan(10_000_000);
    expect((await importZip(zip)).json.error).toMatch(/photoHashes is \[.*\], expected at most 10000 hashes/);
    await put('Rex');
    const bytes = unzipSync(zip)['adapter_model.safetensors']!;
    await writeFile(join(server.home, 'concepts', 'rex', 'adapter_model.safetensors'), bytes);
    expect(await names()).toEqual([]);
  });

  it('concepts over HTTP with a hostile class stay data: it is text in JSON, in the search as in the concept', async () => {
    const className = '<script>alert(1)</script>"\n';
    await learn({ name: 'Rex', className, photos: dogs.slice(0, 2) });
    const reply = await server.send('/api/concepts/Rex');
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.json.className).toBe(className.trim());
    expect(reply.json.identifier).toBe(`sks ${className.trim()}`);
  });

  it('concepts over HTTP that are damaged never hide the others', async () => {
    await put('Rex');
    await put('Mimi');
    const file = join(server.home, 'concepts', 'mimi', 'adapter_config.json');
    expect((await readFile(file)).length).toBeGreaterThan(0);
    await rm(file);
    expect(await names()).toEqual(['Rex']);
    expect((await server.send('/api/concepts/mimi')).status).toBe(404);
    expect((await server.send('/api/search', { body: { sentence: 'Rex and Mimi' } })).json.concepts).toEqual([
      'Rex',
    ]);
  });
});
