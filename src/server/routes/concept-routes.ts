import { buffer } from 'node:stream/consumers';
import { createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { judgeConcept } from '../../app/teach.ts';
import { PolarError } from '../../errors.ts';
import { reportFault } from '../../node/report-fault.ts';
import { type Concept, requireSameModel } from '../../polar/concept/concept.ts';
import { checkConceptName } from '../../polar/concept/concept-name.ts';
import { MAX_ZIP_BYTES, unzipConcept, zipConcept } from '../../polar/concept/zip.ts';
import { type AppContext, findConcept } from '../context.ts';
import { toDetail, toQuality, toSummary } from '../describe.ts';
import { sendEvents } from '../events.ts';
import { readForm } from '../form.ts';
import { learn } from '../learn.ts';
import { answer, body, codeOf, createRouter } from '../router.ts';
import { ConceptDetail, ConceptSummary, LearnEvent, LearnRequest, Nothing, Quality } from '../schemas.ts';

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
  summary: 'How well a concept separates its photos from the library, with and without what was learnt',
  request: { params },
  responses: answer(Quality.nullable(), 'null where it came without its photos, or there is no library'),
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
        message: `more than ${MAX_ZIP_BYTES / 1e6} MB; a concept is far smaller`,
      });
    },
  }),
  responses: answer(ConceptSummary, 'the concept'),
});

/** The things that were learnt. */
export function conceptRoutes(context: AppContext) {
  const { concepts, work } = context;
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
          send({
            kind: 'error',
            error: isExpected ? error.message : 'something went wrong; the terminal says more',
            code: codeOf(error),
          });
        }
      });
    })
    .openapi(show, async (c) => {
      const concept = await findConcept(context, c.req.valid('param').name);
      return c.json(await context.library.use((snapshot) => toDetail(context, snapshot, concept)), 200);
    })
    .openapi(quality, async (c) => {
      const concept = await findConcept(context, c.req.valid('param').name);
      const separation = await context.library.use((snapshot) =>
        judgeConcept(context.clip, concept, snapshot),
      );
      return c.json(separation && toQuality(separation), 200);
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
      if (concept === undefined) throw new PolarError('no file in the request; expected "adapter"');
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
