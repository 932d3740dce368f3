import { ask, type Question } from '../../app/ask.ts';
import { EmbeddedPhotos } from '../../app/embedded-photos.ts';
import { type Shelf, teach } from '../../app/teach.ts';
import { forgetConcept, keepConcept, keptConcepts, unpackConcept } from '../../browser/concept-pack.ts';
import { sha256 } from '../../browser/fetch-bytes.ts';
import { type Clip, loadClip } from '../../browser/load-clip.ts';
import { makeThumbnail, nameOf, openPicture } from '../../browser/picture.ts';
import { PolarError } from '../../errors.ts';
import { matrixOf, normalizeRows } from '../../matrix.ts';
import type { Concept } from '../../polar/concept/concept.ts';
import { zipConcept } from '../../polar/concept/zip.ts';
import { fold } from '../../polar/query/fold.ts';
import type { CallName, Calls, ConceptView, Reply, Request, SearchResult } from './protocol.ts';
import { RUNTIME_FILES } from './runtime-files.ts';

interface Context<Progress> {
  readonly report: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

type Handlers = {
  [Name in CallName]: (
    context: Context<Calls[Name]['progress']>,
    ...args: Calls[Name]['args']
  ) => Promise<Calls[Name]['result']>;
};

const THUMBNAIL_SIDE = 320;
const REPORT_EVERY = 5; // iterations; the page draws no faster

let clip: Clip | undefined;
const photos = new EmbeddedPhotos();
const concepts = new Map<string, Concept>();
const shelf: Shelf = {
  list: async () => [...concepts.values()],
  async save(concept) {
    concepts.set(fold(concept.name), concept);
    await keepConcept(concept);
  },
};

function requireClip(): Clip {
  if (clip === undefined) throw new PolarError('no model is loaded yet; load one first', 'busy');
  return clip;
}

const toView = ({ name, className, photoHashes }: Concept): ConceptView => ({
  name,
  className,
  photos: photoHashes.length,
});

const handlers: Handlers = {
  async load({ report, signal }, model, id) {
    await clip?.close();
    clip = undefined;
    const loaded = await loadClip(model, { id, onProgress: report, signal, runtimeFiles: RUNTIME_FILES });
    clip = loaded;
    photos.clear();
    concepts.clear();
    for (const concept of await keptConcepts(loaded)) concepts.set(fold(concept.name), concept);
    return {
      id: loaded.id,
      device: loaded.device,
      threads: loaded.threads,
      concepts: [...concepts.values()].map(toView),
    };
  },

  async addPhotos({ report, signal }, files) {
    const model = requireClip();
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted();
      const progress = { done: index + 1, total: files.length };
      try {
        const hash = await sha256(new Uint8Array(await file.arrayBuffer()));
        if (photos.has(hash)) {
          report({ ...progress, skipped: { name: file.name, reason: 'it is here already' } });
          continue;
        }
        const picture = await openPicture(file);
        try {
          const { data } = normalizeRows(matrixOf(await model.encodePicture(picture), model.dimension));
          const thumbnail = await makeThumbnail(picture, THUMBNAIL_SIDE);
          const key = photos.add({ hash, embedding: data });
          report({ ...progress, photo: { key, name: nameOf(file), thumbnail } });
        } finally {
          picture.bitmap.close();
        }
      } catch (error) {
        if (!(error instanceof PolarError)) throw error;
        report({
          ...progress,
          skipped: { name: file.name, reason: error.message.replace(`${file.name}: `, '') },
        });
      }
    }
    return null;
  },

  async learn({ report, signal }, name, className, keys) {
    const chosen = keys.map((key) => photos.get(key));
    const examples = {
      count: chosen.length,
      read: async () => ({
        features: joinRows(chosen.map(({ embedding }) => embedding)),
        hashes: chosen.map(({ hash }) => hash),
      }),
    };
    const { concept, losses, seconds, hints } = await teach(requireClip(), name, examples, {
      mode: 'replace',
      shelf,
      library: photos,
      className,
      signal,
      onStep: (step, total, loss) => {
        if (step % REPORT_EVERY === 1) report({ loss, total, every: REPORT_EVERY });
      },
    });
    return { concept: toView(concept), losses, seconds, remarks: hints };
  },

  search: (_, sentence, personal) => answer({ sentence }, !personal),

  like: (_, key) => answer({ like: [photos.get(key).embedding] }, false),

  async exportConcept(_, name) {
    const concept = concepts.get(fold(name));
    if (concept === undefined) throw new PolarError(`no concept "${name}"`, 'not-found');
    return new Blob([zipConcept(concept) as BlobPart], { type: 'application/zip' });
  },

  async importConcept(_, file) {
    const concept = unpackConcept(new Uint8Array(await file.arrayBuffer()), file.name, requireClip());
    await shelf.save(concept);
    return toView(concept);
  },

  async removeConcept(_, name) {
    const concept = concepts.get(fold(name));
    concepts.delete(fold(name));
    if (concept !== undefined) await forgetConcept(concept);
    return null;
  },
};

/** All photos, best first. */
async function answer(question: Question, plain: boolean): Promise<SearchResult> {
  const started = performance.now();
  const options = { concepts: [...concepts.values()], top: photos.count, plain };
  const { text, concepts: named, hits } = await ask(requireClip(), photos, question, options);
  return {
    text,
    concepts: named.map(({ name }) => name),
    hits: hits.map(({ key, score }) => ({ key, score })),
    milliseconds: performance.now() - started,
  };
}

function joinRows(rows: readonly Float32Array[]) {
  const columns = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * columns);
  for (const [row, values] of rows.entries()) data.set(values, row * columns);
  return { rows: rows.length, columns, data };
}

const send = (reply: Reply): void => self.postMessage(reply);
const running = new Map<number, AbortController>();

// One call after the other: ONNX Runtime runs one graph at a time anyway, and nobody waits for a stopped one.
let last: Promise<unknown> = Promise.resolve();
self.addEventListener('message', ({ data: request }: MessageEvent<Request>) => {
  const { id } = request;
  if ('stop' in request) {
    running.get(id)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(id, controller);
  const handler = handlers[request.name] as (
    context: Context<unknown>,
    ...args: readonly unknown[]
  ) => Promise<unknown>;
  const context = {
    report: (progress: unknown) => send({ id, progress }),
    signal: controller.signal,
  };
  last = last.then(async () => {
    try {
      send({ id, result: await handler(context, ...request.args) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof PolarError ? error.code : undefined;
      send({ id, error: message, code, stopped: controller.signal.aborted });
    } finally {
      running.delete(id);
    }
  });
});
