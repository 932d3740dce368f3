import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cosine } from '../../test/close.ts';
import { goldenModel } from '../../test/data.ts';
import { matrixOf, normalizeRows } from '../matrix.ts';
import { ConceptStore } from '../node/concepts/concept-store.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { encodeSentence, personalSentence } from '../polar/query/sentence.ts';
import {
  type MachineLearning,
  predictForm,
  startMachineLearning,
  textEntries,
} from './machine-learning.fixture.ts';
import { type ImmichService, type ImmichServiceOptions, startImmichService } from './serve.ts';
import { PING_MS } from './upstream.ts';

const MODEL = 'Toybox__polar'; // not in immich's list: its dimension is asked of the original
let clip: Clip;
let plain: (text: string) => Promise<Float32Array>;
let personal: (text: string, known: readonly Concept[]) => Promise<Float32Array>;

beforeAll(async () => {
  clip = await loadClip('toybox');
  plain = async (text) => normalizeRows(await clip.encodeTexts([text])).data;
  personal = async (text, known) =>
    normalizeRows(matrixOf(await encodeSentence(clip, personalSentence(text, known)), clip.dimension)).data;
});
afterAll(() => clip.close());

/** A concept of the tiny model, with an update that is strong enough to be seen. */
function concept(name: string, className = 'dog', seed = 1): Concept {
  const part = (offset: number, scale: number) =>
    Float32Array.from({ length: clip.width }, (_, i) => scale * Math.sin(seed * 7.3 + offset + i * 1.7));
  const A = part(0, 1);
  const norm = Math.hypot(...A);
  return {
    name,
    identifier: `sks ${className}`,
    className,
    A: A.map((x) => x / norm),
    B: part(3, 0.2),
    modelId: clip.id,
    revision: clip.revision,
    layer: clip.lastLayer,
    regWeight: 0.35,
    iterations: 1,
    learningRate: 1e-3,
    forward: 'released',
    seed,
    photoHashes: ['a'.repeat(64)],
    features: null,
    created: '2026-01-02T03:04:05.000Z',
  };
}

let folder: string;
let store: ConceptStore;
let original: MachineLearning;
let service: ImmichService;
let log: string[];

async function start(options: Partial<ImmichServiceOptions> = {}): Promise<void> {
  service = await startImmichService({
    upstream: original.url,
    host: '127.0.0.1',
    port: 0,
    concepts: store.folder,
    map: new Map([[MODEL, 'toybox']]),
    cacheFolder: join(folder, 'hub'),
    log: (line) => log.push(line),
    ...options,
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-immich-'));
  store = new ConceptStore(join(folder, 'concepts'));
  original = await startMachineLearning(plain);
  log = [];
});
afterEach(async () => {
  await service?.close();
  await original.close();
  await rm(folder, { recursive: true });
});

const predict = (body: FormData | Uint8Array<ArrayBuffer> | string, init: RequestInit = {}) =>
  fetch(`${service.url}/predict`, { method: 'POST', body, ...init });

/** Asks as immich's server does; the embedding of the answer. */
async function ask(text: string, modelName = MODEL): Promise<Float32Array> {
  const response = await predict(predictForm(textEntries(modelName), { text }));
  expect(response.status).toBe(200);
  const { clip: embedding, ...rest } = (await response.json()) as { clip: string };
  expect(rest).toEqual({});
  expect(typeof embedding).toBe('string');
  return Float32Array.from(JSON.parse(embedding) as number[]);
}

describe('a text that names a learnt thing', () => {
  beforeEach(async () => {
    await store.save(concept('Rex'));
    await store.save(concept('Luna', 'cat', 2));
    await start();
  });

  it('a text that names a learnt thing is answered with its personal embedding, unit norm, in every way of writing the name', async () => {
    const known = await store.list();
    for (const text of ['Rex', 'rex in the snow', "  REX's \n\t ball ", 'Luna and Rex', 'a photo of Luna!']) {
      const embedding = await ask(text);
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
      const expected = await personal(text.trim().replace(/\s+/g, ' '), known);
      expect(cosine(embedding, expected), text).toBeGreaterThan(0.99999);
      expect(cosine(embedding, await plain(text)), text).toBeLessThan(0.99);
    }
  });

  it('a text that names a learnt thing is answered too where the original is gone, and a language is left out', async () => {
    await ask('Rex'); // the original has said how many numbers the model gives
    await original.close();
    expect(await ask('Rex in the snow')).toHaveLength(clip.dimension);
    const response = await predict(predictForm({ clip: { textual: { modelName: MODEL } } }, { text: 'Rex' }));
    expect(response.status).toBe(200);
    expect((await predict(predictForm(textEntries(MODEL), { text: 'a dog' }))).status).toBe(502);
  });

  it('a text that names a learnt thing counts from the moment it is learnt, renamed or removed', async () => {
    await store.save(concept('Bello', 'dog', 3));
    const known = await store.list();
    expect(cosine(await ask('Bello'), await personal('Bello', known))).toBeGreaterThan(0.99999);
    await store.rename('Bello', 'Wuff');
    expect(cosine(await ask('Wuff'), await personal('Bello', known))).toBeGreaterThan(0.99999);
    expect(cosine(await ask('Bello'), await plain('Bello'))).toBeGreaterThan(0.99999);
    await store.save(concept('Wuff', 'dog', 4));
    const again = await personal('Wuff', await store.list());
    expect(cosine(await ask('wuff'), again)).toBeGreaterThan(0.99999);
    await store.remove('Wuff');
    expect(cosine(await ask('Wuff'), await plain('Wuff'))).toBeGreaterThan(0.99999);
  });

  it('a text that names a learnt thing loses its last words where it is longer than the model reads', async () => {
    const embedding = await ask(`Rex ${'in the snow '.repeat(200)}`);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
  });

  it('a text that names a learnt thing is passed on where the thing was learnt with another model, with a line that says what to do', async () => {
    await store.save({
      ...concept('Mimi', 'cat', 5),
      modelId: 'openai/clip-vit-base-patch32',
      revision: 'a'.repeat(40),
    });
    expect(cosine(await ask('Mimi'), await plain('Mimi'))).toBeGreaterThan(0.99999);
    await ask('Mimi again');
    expect(log).toEqual([
      '"Mimi" was learnt with openai/clip-vit-base-patch32, immich uses toybox; learn it again: polar learn "Mimi" <photos> --force --model toybox',
    ]);
  });

  it('a text that names a learnt thing is answered a hundred times at once', async () => {
    const texts = Array.from({ length: 100 }, (_, i) => `Rex near the number ${i}`);
    const known = await store.list();
    const answers = await Promise.all(texts.map((text) => ask(text)));
    for (const i of [0, 50, 99]) {
      expect(cosine(answers[i]!, await personal(texts[i]!, known))).toBeGreaterThan(0.99999);
    }
  });

  it('a damaged concept never hides the others', async () => {
    await mkdir(join(store.folder, 'broken'));
    await writeFile(join(store.folder, 'broken', 'adapter_model.safetensors'), 'nothing');
    expect(cosine(await ask('Rex'), await personal('Rex', await store.list()))).toBeGreaterThan(0.99999);
    expect(log.join()).toMatch(/skipped a damaged concept/);
  });
});

describe('a model', () => {
  beforeEach(() => store.save(concept('Rex')));

  it('a model that is not at hand is passed on, and the log says once how to fetch it', async () => {
    await start();
    for (let i = 0; i < 3; i++) {
      const embedding = await ask('Rex', 'ViT-B-16__openai');
      expect(cosine(embedding, await plain('Rex'))).toBeGreaterThan(0.99999);
    }
    expect(log).toHaveLength(1);
    expect(log[0]).toBe(
      `immich's model ViT-B-16__openai is not at hand, so names are not recognised; fetch it with "polar models download openai/clip-vit-base-patch16", or name one with --map ViT-B-16__openai=<model>`,
    );
  });

  it('a model that polar does not read, or whose name is a path, is passed on and never looked for on the disk', async () => {
    await start();
    for (const name of ['nllb-clip-base-siglip__v1', '..', `../../${folder}`, 'toybox']) {
      expect(cosine(await ask('Rex', name), await plain('Rex')), name).toBeGreaterThan(0.99999);
    }
    expect(log).toHaveLength(4);
    expect(log[0]).toMatch(/^immich's model nllb-clip-base-siglip__v1 is none that polar reads/);
  });

  it('a model of another size than immich has is never answered with, known or asked for', async () => {
    await start({
      map: new Map([
        ['ViT-B-32__openai', 'toybox'],
        ['Own__model', 'toybox'],
      ]),
    });
    expect(cosine(await ask('Rex', 'immich-app/ViT-B-32__openai'), await plain('Rex'))).toBeGreaterThan(
      0.99999,
    );
    expect(log.pop()).toMatch(/toybox gives embeddings of 192 numbers, immich's ViT-B-32__openai of 512/);
    original.trouble.answer = {
      status: 200,
      headers: ['content-type', 'application/json'],
      body: '{"clip":"[1,0,0]"}',
    };
    expect(await ask('Rex', 'Own__model')).toHaveLength(3);
    expect(log.pop()).toMatch(/toybox gives embeddings of 192 numbers, immich's Own__model of 3/);
  });

  it('a model whose dimension nobody can say is not answered with', async () => {
    await start();
    original.trouble.answer = { status: 500, headers: [], body: 'Internal Server Error' };
    const response = await predict(predictForm(textEntries(MODEL), { text: 'Rex' }));
    expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
    original.trouble.answer = undefined!;
    expect(cosine(await ask('Rex'), await personal('Rex', await store.list()))).toBeGreaterThan(0.99999);
  });

  it('a model answers every text with --all', async () => {
    await start({ all: true });
    expect(cosine(await ask('a red car'), await plain('a red car'))).toBeGreaterThan(0.99999);
    await original.close();
    expect(await ask('a dog')).toHaveLength(clip.dimension);
  });
});

describe('a SigLIP model', () => {
  it('a SigLIP model reads a text as immich gives it to SigLIP: in lower case and without punctuation, after names were found', async () => {
    const siglip = await loadClip(goldenModel('siglip2/model'));
    await original.close();
    original = await startMachineLearning(async () => new Float32Array(siglip.dimension).fill(1));
    const rex = {
      ...concept('Mr. Rex'),
      modelId: siglip.id,
      revision: siglip.revision,
      layer: siglip.lastLayer,
    };
    const part = (seed: number) => Float32Array.from({ length: siglip.width }, (_, i) => Math.sin(seed + i));
    const norm = Math.hypot(...part(1));
    const known = { ...rex, A: part(1).map((x) => x / norm), B: part(2) };
    await store.save(known);
    await start({ map: new Map([['Own__siglip', goldenModel('siglip2/model')]]) });
    const embedding = await ask("  MR. Rex's \t BALL, in - snow!", 'Own__siglip');
    const expected = await encodeSentence(siglip, { text: 'sks dogs ball in  snow', concepts: [known] });
    expect(cosine(embedding, expected)).toBeGreaterThan(0.99999);
    const uncleaned = await encodeSentence(siglip, { text: "sks dog's BALL, in - snow!", concepts: [known] });
    expect(cosine(embedding, uncleaned)).toBeLessThan(0.9999);
    await siglip.close();
  });
});

describe('everything else', () => {
  beforeEach(async () => {
    await store.save(concept('Rex'));
    await start();
  });

  it('everything else comes to the original byte for byte, with its headers, and its answer comes back unchanged', async () => {
    original.trouble.answer = {
      status: 299,
      headers: ['X-Model', 'a', 'x-model', 'b', 'Content-Type', 'application/json', 'ETag', '"1"'],
      body: '{"facial-recognition":[]}',
    };
    const image = randomBytes(300_000);
    const wire = new Response(
      predictForm({ 'facial-recognition': { detection: { modelName: 'buffalo_l' } } }, { image }),
    );
    const bytes = Buffer.from(await wire.arrayBuffer());
    const response = await predict(bytes, {
      headers: { 'content-type': wire.headers.get('content-type')!, 'X-Trace': 'Ab C' },
    });
    expect(response.status).toBe(299);
    expect(response.headers.get('x-model')).toBe('a, b');
    expect(response.headers.get('etag')).toBe('"1"');
    expect(response.headers.get('date')).toBeNull();
    expect(await response.text()).toBe('{"facial-recognition":[]}');
    const [seen] = original.requests;
    expect(seen!.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    const headers = new Map(pairs(seen!.rawHeaders));
    expect(headers.get('x-trace')).toBe('Ab C');
    expect(headers.get('content-type')).toBe(wire.headers.get('content-type'));
    expect(headers.get('host')).toBe(original.url.host);
  });

  it.each([
    ['a text without a name', predictForm(textEntries(MODEL), { text: 'a dog' }), 200],
    ['an empty text', predictForm(textEntries(MODEL), { text: ' ' }), 200],
    ['a picture', predictForm({ clip: { visual: { modelName: MODEL } } }, { image: randomBytes(100) }), 200],
    [
      'text recognition',
      predictForm(
        { ocr: { detection: { modelName: 'x' }, recognition: { modelName: 'x' } } },
        { image: randomBytes(9) },
      ),
      200,
    ],
    [
      'faces and a text together',
      predictForm(
        { clip: { textual: { modelName: MODEL } }, ocr: { detection: { modelName: 'x' } } },
        { text: 'Rex' },
      ),
      500,
    ],
    [
      'two kinds of one task',
      predictForm({ clip: { textual: { modelName: MODEL }, visual: { modelName: MODEL } } }, { text: 'Rex' }),
      500,
    ],
    ['entries that are no JSON', predictForm('{"clip":', { text: 'Rex' }), 422],
    ['entries without a model', predictForm({ clip: { textual: {} } }, { text: 'Rex' }), 422],
    ['entries that are a list', predictForm([], { text: 'Rex' }), 200],
    [
      'a model name that is a number',
      predictForm({ clip: { textual: { modelName: 7 } } }, { text: 'Rex' }),
      422,
    ],
  ])("everything else is the original's to answer: %s", async (_, form, status) => {
    const response = await predict(form);
    expect(response.status).toBe(status);
    expect(original.requests).toHaveLength(1);
  });

  it("no entries, no text, a text twice and a body that is no form are the original's to refuse", async () => {
    const twice = predictForm(textEntries(MODEL), { text: 'Rex' });
    twice.append('text', 'Rex');
    const nothing = new FormData();
    nothing.append('entries', JSON.stringify(textEntries(MODEL)));
    const noEntries = new FormData();
    noEntries.append('text', 'Rex');
    expect((await predict(twice)).status).toBe(200);
    expect((await predict(nothing)).status).toBe(400);
    expect((await predict(noEntries)).status).toBe(422);
    expect((await predict('entries=Rex')).status).toBe(400);
    expect(
      (await predict('--x\r\nbroken', { headers: { 'content-type': 'multipart/form-data; boundary=x' } }))
        .status,
    ).toBe(400);
    expect(original.requests).toHaveLength(5);
  });

  it("other paths and methods are the original's too", async () => {
    expect(await (await fetch(`${service.url}/`)).json()).toEqual({ message: 'Immich ML' });
    expect((await fetch(`${service.url}/api/concepts`)).status).toBe(404);
    expect((await fetch(`${service.url}/predict`)).status).toBe(405);
    expect((await fetch(`${service.url}/ping`, { method: 'PUT' })).status).toBe(404);
    expect(original.requests.map(({ url }) => url)).toEqual(['/', '/api/concepts', '/predict', '/ping']);
  });

  it('errors of the original come back as they are', async () => {
    original.trouble.answer = {
      status: 500,
      headers: ['content-type', 'text/plain'],
      body: 'Internal Server Error',
    };
    const response = await predict(predictForm(textEntries(MODEL), { text: 'a dog' }));
    expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
  });
});

describe('the original', () => {
  beforeEach(() => store.save(concept('Rex')));
  const limits = { connectMs: 300, idleMs: 400 };

  it('the original is asked whether it is healthy, so that immich uses another address when it is not', async () => {
    await start();
    const ping = await fetch(`${service.url}/ping`);
    expect([ping.status, await ping.text()]).toEqual([200, 'pong']);
    await original.close();
    expect((await fetch(`${service.url}/ping`)).status).toBe(503);
    original = await startMachineLearning(plain, Number(original.url.port));
    expect((await fetch(`${service.url}/ping`)).status).toBe(200);
  });

  it("the original that hangs is unhealthy before immich's two seconds are over", async () => {
    await start();
    original.trouble.silent = true;
    expect((await fetch(`${service.url}/ping`)).status).toBe(503);
    expect(PING_MS).toBeLessThan(2000);
  });

  it('the original that is silent gives 502 within the limit, while personal texts are answered', async () => {
    await start({ limits });
    await ask('Rex');
    original.trouble.silent = true;
    const other = predict(predictForm(textEntries(MODEL), { text: 'a dog' }));
    expect(await ask('Rex sleeps')).toHaveLength(clip.dimension);
    const response = await other;
    expect(response.status).toBe(502);
    expect(((await response.json()) as { detail: string }).detail).toMatch(
      /^immich's machine learning at .* was silent for 400 ms$/,
    );
  });

  it('the original that does not accept connections gives 502', async () => {
    const full = createServer().listen(0, '127.0.0.1');
    await once(full, 'listening');
    const { port } = full.address() as AddressInfo;
    await new Promise((resolve) => full.close(resolve));
    await start({ limits, upstream: new URL(`http://127.0.0.1:${port}`) });
    const response = await predict(predictForm(textEntries(MODEL), { text: 'a dog' }));
    expect(response.status).toBe(502);
    expect(((await response.json()) as { detail: string }).detail).toMatch(
      /cannot be reached \(ECONNREFUSED\)/,
    );
  });

  it('the original that cuts an answer off cuts it off for the client too', async () => {
    await start();
    original.trouble.cutsAnswers = true;
    await expect(
      predict(predictForm(textEntries(MODEL), { text: 'a dog' })).then((r) => r.text()),
    ).rejects.toThrow();
    original.trouble.cutsAnswers = false;
    expect(await ask('a dog')).toHaveLength(clip.dimension);
  });

  it('the original that refuses a body early is heard', async () => {
    await start();
    original.trouble.refusesBodies = true;
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${service.url}/predict`, {
        method: 'POST',
        headers: { 'content-length': 50_000_000 },
      });
      request.on('response', (response) => resolve(response.statusCode));
      request.on('error', reject);
      request.write(randomBytes(100_000));
    });
    expect(answer).toBe(413);
  });

  it('the original dies in the middle of 500 requests: each gets an answer, and personal texts go on', async () => {
    await start({ limits });
    await ask('Rex');
    original.trouble.delay = 50;
    const all = Array.from({ length: 500 }, (_, i) =>
      predict(predictForm(textEntries(MODEL), { text: i % 5 === 0 ? `Rex ${i}` : `a dog ${i}` })).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => -1,
      ),
    );
    await until(() => original.requests.length >= 100); // the last ones have no answer yet
    await original.close();
    const statuses = await Promise.all(all);
    expect(statuses.filter((_, i) => i % 5 === 0).every((status) => status === 200)).toBe(true);
    expect(statuses.filter((status) => status !== 200 && status !== 502 && status !== -1)).toEqual([]);
    expect(statuses.filter((status) => status === 502).length).toBeGreaterThan(0);
    expect(await ask('Rex')).toHaveLength(clip.dimension);
  });
});

describe('a client', () => {
  beforeEach(async () => {
    await store.save(concept('Rex'));
    await start();
  });

  it('a client that goes away ends the request to the original', async () => {
    original.trouble.silent = true;
    const request = httpRequest(`${service.url}/predict`, {
      method: 'POST',
      headers: { 'content-length': 1_000_000 },
    });
    request.on('error', () => {});
    request.write(randomBytes(200_000));
    await until(() => (original.requests[0]?.bytes ?? 0) > 0);
    request.destroy();
    await until(() => original.requests[0]!.end === 'cut');
  });

  it('a client that cuts its body off, of a text or a picture, harms nobody', async () => {
    for (const [length, sent] of [
      [500, 100],
      [70_000, 65_900],
      [0, 100],
    ]) {
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
      const size = length === 0 ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
      socket.write(
        `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n${size}\r\n\r\n`,
      );
      if (length === 0) socket.write(`64\r\n${'a'.repeat(50)}`);
      else socket.write('a'.repeat(sent!));
      await sleep(50);
      socket.destroy();
      await until(() => original.requests.every(({ end }) => end === 'cut'));
    }
    expect(await ask('Rex')).toHaveLength(clip.dimension);
    expect(log).toEqual([]);
  });

  it.each([
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6'],
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['an unknown coding', 'Transfer-Encoding: xchunked'],
    ['a header with a space before its colon', 'Content-Length : 5'],
    ['a folded header', 'X-A: b\r\n Content-Length: 5'],
  ])('a client cannot smuggle a request past it: %s', async (_, header) => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.write(
      `POST /predict HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400/);
    await sleep(50);
    expect(original.requests).toEqual([]);
  });

  it('a client cannot make it a proxy to elsewhere', async () => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.write(`GET ${original.url.href}ping HTTP/1.1\r\nHost: x\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400/);
    expect(original.requests).toEqual([]);
  });

  it('a client cannot strip or add what belongs to the connection', async () => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.write(
      'POST /predict HTTP/1.1\r\nHost: evil\r\nConnection: content-length, x-secret, upgrade\r\nX-Secret: 1\r\nUpgrade: h2c\r\nProxy-Authorization: a\r\nTE: trailers\r\nContent-Length: 5\r\n\r\nhello',
    );
    await once(socket, 'data');
    socket.destroy();
    const headers = new Map(pairs(original.requests[0]!.rawHeaders));
    expect([...headers.keys()].sort()).toEqual(['connection', 'content-length', 'host']);
    expect(headers.get('host')).toBe(original.url.host);
    expect(original.requests[0]!.bytes).toBe(5);
  });

  it('a client may send a body in chunks, with a GET too, and the original sees the same bytes', async () => {
    for (const method of ['POST', 'GET']) {
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
      socket.write(
        `${method} /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      );
      await once(socket, 'data');
      socket.destroy();
      const seen = original.requests.at(-1)!;
      expect([seen.method, seen.bytes, seen.end]).toEqual([method, 3, 'whole']);
    }
    expect(original.requests).toHaveLength(2);
  });
});

const pairs = (raw: readonly string[]): [string, string][] =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!.toLowerCase(), raw[2 * i + 1]!]);

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !condition(); turn++) await sleep(25);
  expect(condition()).toBe(true);
}
