import { buffer } from 'node:stream/consumers';
import { createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { measureHeldOut } from '../../app/held-out.ts';
import { photosToReview, type Revision, revise, typicalPhotos } from '../../app/review.ts';
import { isUsable } from '../../app/teach.ts';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { reportFault } from '../../node/report-fault.ts';
import { type Concept, requireSameModel } from '../../polar/concept/concept.ts';
import { checkConceptName } from '../../polar/concept/concept-name.ts';
import { MAX_ZIP_BYTES, unzipConcept, zipConcept } from '../../polar/concept/zip.ts';
import { type AppContext, findConcept, NO_PHOTO } from '../context.ts';
import { toDetail, toPhoto, toSummary } from '../describe.ts';
import { sendEvents } from '../events.ts';
import { learn } from '../learn.ts';
import type { Snapshot } from '../library/live-library.ts';
import { readForm } from '../pictures/form.ts';
import { answer, body, codeOf, createRouter, refusalOf } from '../router.ts';
import {
  ConceptDetail,
  ConceptSummary,
  DeletedConcept,
  LearnEvent,
  LearnRequest,
  Nothing,
  Photo,
  Quality,
  ReviewAnswers,
} from '../schemas.ts';

const tags = ['Concepts'];
const params = z.object({ name: z.string().max(200) });

const learnRoute = createRoute({
  method: 'post',
  path: '/learn',
  tags,
  summary: 'Learns a concept from photos and tells how it goes; stops when the reader goes away',
  request: body(LearnRequest),
  responses: {
    200: {
      content: { 'text/event-stream': { schema: LearnEvent } },
      description: 'server-sent events, each a LearnEvent',
    },
  },
});

const show = createRoute({
  method: 'get',
  path: '/concepts/{name}',
  tags,
  summary: 'Everything about a concept',
  request: { params },
  responses: answer(ConceptDetail, 'the concept'),
});

const quality = createRoute({
  method: 'get',
  path: '/concepts/{name}/quality',
  tags,
  summary:
    'How well a concept is found in photos that were held out when it was learnt again from the others',
  request: { params },
  responses: answer(Quality.nullable(), 'null where it came without its photos, or there is no library'),
});

const review = createRoute({
  method: 'get',
  path: '/concepts/{name}/review',
  tags,
  summary: 'Photos of which it helps most to know whether they show it',
  request: { params },
  responses: answer(z.array(Photo), 'about ten; none where there is nothing to ask'),
});

const answerReview = createRoute({
  method: 'post',
  path: '/concepts/{name}/review',
  tags,
  summary: 'Learns a concept again with answers: photos that show it, and photos that do not',
  request: { params, ...body(ReviewAnswers) },
  responses: answer(ConceptSummary, 'the concept, learnt again'),
});

const PhotoIndex = z
  .string()
  .regex(/^\d{1,6}$/, 'expected the number of a photo, from 0')
  .transform(Number);

const takePhotoOut = createRoute({
  method: 'delete',
  path: '/concepts/{name}/photos/{index}',
  tags,
  summary: 'Learns a concept again without one of its photos',
  request: { params: params.extend({ index: PhotoIndex }) },
  responses: answer(ConceptSummary, 'the concept, learnt again'),
});

const listDeleted = createRoute({
  method: 'get',
  path: '/deleted',
  tags,
  summary: 'Concepts that were forgotten in the last 30 days',
  responses: answer(z.array(DeletedConcept), 'the last one first'),
});

const restore = createRoute({
  method: 'post',
  path: '/deleted/{id}',
  tags,
  summary: 'Brings a forgotten concept back',
  request: { params: z.object({ id: z.string().max(300) }) },
  responses: answer(ConceptSummary, 'the concept'),
});

const rename = createRoute({
  method: 'patch',
  path: '/concepts/{name}',
  tags,
  summary: 'Calls a concept something else',
  request: { params, ...body(z.object({ name: z.string().max(200) })) },
  responses: answer(ConceptSummary, 'the concept under its new name'),
});

const remove = createRoute({
  method: 'delete',
  path: '/concepts/{name}',
  tags,
  summary: 'Forgets a concept',
  request: { params },
  responses: answer(Nothing, 'it is forgotten'),
});

const download = createRoute({
  method: 'get',
  path: '/concepts/{name}/adapter.zip',
  tags,
  summary: 'A concept as a PEFT adapter, zipped',
  request: { params },
  responses: {
    200: {
      content: { 'application/zip': { schema: z.string().openapi({ format: 'binary' }) } },
      description: 'the adapter folder',
    },
  },
});

const importRoute = createRoute({
  method: 'post',
  path: '/concepts',
  tags,
  summary: 'Takes in a zipped PEFT adapter',
  request: {
    body: {
      content: {
        'multipart/form-data': {
          // Not a check of the framework's, which would hold the whole form: the handler reads it as it arrives.
          schema: {
            type: 'object',
            properties: {
              adapter: { type: 'string', format: 'binary' },
              name: { type: 'string', maxLength: 200 },
            },
            required: ['adapter'],
          },
        },
      },
      required: true,
    },
  },
  middleware: bodyLimit({
    maxSize: MAX_ZIP_BYTES,
    onError: () => {
      throw new HTTPException(413, {
        message: tell('concept.file-large', { megabytes: MAX_ZIP_BYTES / 1e6 }),
      });
    },
  }),
  responses: answer(ConceptSummary, 'the concept'),
});

/** The things that were learnt. */
export function conceptRoutes(context: AppContext) {
  const { concepts, work } = context;
  const learnAgain = (
    name: string,
    signal: AbortSignal,
    revisionOf: (snapshot: Snapshot, concept: Concept) => Revision,
  ): Promise<Concept> =>
    work.inTurn(async () => {
      const concept = await findConcept(context, name);
      requireSameModel(concept, context.clip);
      const revision = await context.library.use(async (snapshot) => {
        const typical = (await typicalPhotos(snapshot)).map((photo) => Float32Array.from(photo));
        return { ...revisionOf(snapshot, concept), typical };
      });
      const revised = await revise(context.clip, concept, revision, signal);
      await concepts.save(revised);
      return revised;
    });
  return createRouter()
    .openapi(learnRoute, (c) => {
      const request = c.req.valid('json');
      return sendEvents<z.infer<typeof LearnEvent>>(c, work, async (send, signal) => {
        try {
          await work.inTurn(() => learn(context, request, signal, send));
        } catch (error) {
          if (signal.aborted) return;
          const isExpected = error instanceof PolarError || error instanceof HTTPException;
          if (!isExpected) reportFault(error);
          const text = isExpected ? error.message : tell('server.fault');
          send({ kind: 'error', ...refusalOf(text, codeOf(error)) });
        }
      });
    })
    .openapi(show, async (c) => {
      const concept = await findConcept(context, c.req.valid('param').name);
      return c.json(await context.library.use((snapshot) => toDetail(context, snapshot, concept)), 200);
    })
    .openapi(quality, async (c) => {
      const concept = await findConcept(context, c.req.valid('param').name);
      const { clip } = context;
      if (!isUsable(concept, clip)) return c.json(null, 200);
      const { signal } = c.req.raw;
      return c.json(
        await context.library.use((snapshot) => measureHeldOut(clip, concept, snapshot, { signal })),
        200,
      );
    })
    .openapi(review, async (c) => {
      const concept = await findConcept(context, c.req.valid('param').name);
      const { clip } = context;
      requireSameModel(concept, clip);
      const photos = await context.library.use(async (snapshot) =>
        (await photosToReview(clip, concept, snapshot, (hit) => snapshot.embeddingOf(hit))).map(toPhoto),
      );
      return c.json(photos, 200);
    })
    .openapi(answerReview, async (c) => {
      const { yes, no } = c.req.valid('json');
      const revised = await learnAgain(c.req.valid('param').name, c.req.raw.signal, (snapshot) => {
        const find = (id: string) => {
          const photo = snapshot.byId.get(id);
          if (photo === undefined) throw new HTTPException(404, { message: NO_PHOTO });
          return { hash: photo.hash, embedding: Float32Array.from(snapshot.embeddingOf(photo)) };
        };
        return { yes: yes.map(find), no: no.map((id) => find(id).embedding) };
      });
      return c.json(await context.library.use((snapshot) => toSummary(context, snapshot, revised)), 200);
    })
    .openapi(takePhotoOut, async (c) => {
      const { name, index } = c.req.valid('param');
      const revised = await learnAgain(name, c.req.raw.signal, (_, { photoHashes }) => {
        const hash = photoHashes[index];
        if (hash === undefined) throw new HTTPException(404, { message: NO_PHOTO });
        return { without: [hash] };
      });
      return c.json(await context.library.use((snapshot) => toSummary(context, snapshot, revised)), 200);
    })
    .openapi(listDeleted, async (c) => c.json(await concepts.deleted.list(), 200))
    .openapi(restore, async (c) => {
      const back = await work.inTurn(() => concepts.restore(c.req.valid('param').id));
      return c.json(await context.library.use((snapshot) => toSummary(context, snapshot, back)), 200);
    })
    .openapi(rename, async (c) => {
      const to = c.req.valid('json').name.trim();
      const renamed = await work.inTurn(async () => {
        const { name } = await findConcept(context, c.req.valid('param').name);
        return concepts.rename(name, to);
      });
      return c.json(await context.library.use((snapshot) => toSummary(context, snapshot, renamed)), 200);
    })
    .openapi(remove, async (c) => {
      await work.inTurn(async () => {
        const { name } = await findConcept(context, c.req.valid('param').name);
        await concepts.remove(name);
      });
      return c.json({}, 200);
    })
    .openapi(download, async (c) => {
      const concept = await findConcept(context, c.req.valid('param').name);
      return new Response(zipConcept(concept) as Uint8Array<ArrayBuffer>, {
        headers: {
          'content-type': 'application/zip',
          'content-disposition': `attachment; filename*=UTF-8''${encodeFileName(concept.name)}.zip`,
        },
      });
    })
    .openapi(importRoute, async (c) => {
      let concept: Concept | undefined;
      const limits = { files: 1, fileBytes: MAX_ZIP_BYTES };
      const fields = await readForm(c.req.raw, limits, async ({ field, name, stream }) => {
        const bytes = await buffer(stream);
        if (field === 'adapter') concept = unzipConcept(bytes, name);
      });
      if (concept === undefined) throw new PolarError(tell('concept.no-file'));
      requireSameModel(concept, context.clip);
      const name = fields.get('name')?.trim() || concept.name;
      checkConceptName(name);
      const named = { ...concept, name };
      await work.inTurn(() => concepts.save(named, { isNew: true }));
      return c.json(await context.library.use((snapshot) => toSummary(context, snapshot, named)), 200);
    });
}

/** For `filename*` of a header (RFC 8187), where quotes, brackets and stars have a meaning of their own. */
const encodeFileName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
