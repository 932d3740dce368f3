import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { PassingError, PolarError } from '../../errors.ts';
import { isAddress } from '../../library/remote/address.ts';
import type { RemotePhotos } from '../../library/remote/remote-photos.ts';
import { tell } from '../../messages.ts';
import { type AppContext, findPicture, NO_PHOTO } from '../context.ts';
import { countByMonth, toPhoto } from '../describe.ts';
import { readForm } from '../pictures/form.ts';
import type { Rendition } from '../pictures/renditions.ts';
import { sendVideo } from '../pictures/send-video.ts';
import { UPLOAD_LIMITS } from '../pictures/uploads.ts';
import { answer, body, createRouter, toMessage } from '../router.ts';
import { PhotoDetail, PhotoPage, SearchQuery, SearchResult, Uploaded } from '../schemas.ts';
import { filterOf, search } from '../search.ts';

const tags = ['Photos'];
const id = z.object({ id: z.string().max(64) });

const listPhotos = createRoute({
  method: 'get',
  path: '/photos',
  tags,
  summary: 'The photos of the library, newest first',
  request: {
    query: z.object({
      offset: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      after: z.coerce.number().optional(),
      before: z.coerce.number().optional(),
      folder: z.string().max(4096).optional(),
      favourites: z.literal('true').optional().openapi({ description: 'the favourites alone' }),
    }),
  },
  responses: answer(PhotoPage, 'a part of the library'),
});

const showPhoto = createRoute({
  method: 'get',
  path: '/photos/{id}',
  tags,
  summary: 'What is known of a photo',
  request: { params: id },
  responses: answer(PhotoDetail, 'the photo'),
});

const picture = (size: Rendition, summary: string) =>
  createRoute({
    method: 'get',
    path: `/photos/{id}/${size}`,
    tags,
    summary,
    request: {
      params: id,
      query: z.object({
        at: z.coerce.number().optional().openapi({
          description: 'of a video, the time of a picture that a search gave; the first one when absent',
        }),
      }),
    },
    responses: {
      200: {
        content: { 'image/webp': { schema: z.string().openapi({ format: 'binary' }) } },
        description: 'the picture, upright',
      },
    },
  });

const playVideo = createRoute({
  method: 'get',
  path: '/photos/{id}/video',
  tags,
  summary: 'A video to be played, whole or in parts (Range)',
  request: { params: id },
  responses: {
    200: {
      content: { 'video/mp4': { schema: z.string().openapi({ format: 'binary' }) } },
      description: 'the file as it is; 206 and a part of it where Range asks for one',
    },
  },
});

const findPhotos = createRoute({
  method: 'post',
  path: '/search',
  tags,
  summary: 'Finds photos with a sentence, with photos that are alike, or both',
  request: body(SearchQuery),
  responses: answer(SearchResult, 'photos, best first'),
});

const addUploads = createRoute({
  method: 'post',
  path: '/uploads',
  tags,
  summary: 'Brings in pictures to learn from',
  description: `At most ${UPLOAD_LIMITS.count} pictures of ${UPLOAD_LIMITS.bytes / 1e6} MB each, ${UPLOAD_LIMITS.totalBytes / 1e6} MB together.`,
  request: {
    body: {
      content: {
        'multipart/form-data': {
          // Not a check of the framework's, which would hold the whole form: the handler reads it as it arrives.
          schema: {
            type: 'object',
            properties: { photos: { type: 'array', items: { type: 'string', format: 'binary' } } },
            required: ['photos'],
          },
        },
      },
      required: true,
    },
  },
  middleware: bodyLimit({
    maxSize: UPLOAD_LIMITS.totalBytes,
    onError: () => {
      throw new HTTPException(413, {
        message: tell('photo.many-bytes', { most: UPLOAD_LIMITS.totalBytes / 1e6 }),
      });
    },
  }),
  responses: answer(Uploaded, 'the pictures that were taken, and those that were not'),
});

// A picture's id changes with its content. One that was changed since it was indexed is shown as it is now, and asked
// for again.
const FOREVER = 'private, max-age=31536000, immutable';

const isAbsent = (code: string): boolean => code === 'ENOENT' || code === 'ENOTDIR';

/** Where a photo is, and how large. */
async function placeOf(path: string, remote: RemotePhotos | undefined) {
  if (!isAddress(path)) {
    const file = await stat(path).catch(() => undefined);
    return { folder: dirname(path), bytes: file?.size ?? 0, link: null };
  }
  const facts = await remote?.describe(path).catch((error: unknown) => {
    if (!(error instanceof PolarError)) throw error;
  });
  return { bytes: 0, ...facts, folder: new URL(path).origin, link: path };
}

/** Photos, pictures and searches. */
export function photoRoutes(context: AppContext) {
  const { renditions, uploads } = context;
  const render = async (
    pictureId: string,
    size: Rendition,
    wanted: number | undefined,
    signal: AbortSignal,
  ): Promise<Response> => {
    const { path, hash, stills } = await findPicture(context, pictureId);
    const at = stills.find((time) => time === wanted) ?? stills[0] ?? null;
    const rendered = await renditions.get({ path, hash, at }, size, signal).catch((error: unknown) => {
      if (error instanceof PassingError && isAbsent(error.systemCode)) context.library.noteGone(path);
      if (error instanceof PolarError && error.code === 'unreachable')
        throw new HTTPException(502, { message: error.message });
      if (error instanceof PolarError) {
        throw new HTTPException(404, { message: tell('photo.gone') });
      }
      throw error;
    });
    return new Response(rendered.bytes as Uint8Array<ArrayBuffer>, {
      headers: {
        'content-type': 'image/webp',
        'cache-control': rendered.hash === hash ? FOREVER : 'no-store',
      },
    });
  };
  return createRouter()
    .openapi(listPhotos, async (c) => {
      const { offset, limit, favourites, ...filters } = c.req.valid('query');
      const filter = filterOf(filters);
      const liked = favourites === undefined ? undefined : await context.albums.favourites();
      context.library.refreshSoon();
      const page = await context.library.use(({ photos: all, version }) => {
        const wanted = filter === undefined ? all : all.filter(filter);
        const photos = liked === undefined ? wanted : wanted.filter(({ hash }) => liked.has(hash));
        return {
          total: photos.length,
          version,
          photos: photos.slice(offset, offset + limit).map(toPhoto),
          months: offset === 0 ? countByMonth(photos) : [],
        };
      });
      return c.json(page, 200);
    })
    .openapi(showPhoto, async (c) => {
      const wanted = c.req.valid('param').id;
      const photo = await context.library.use(({ byId }) => byId.get(wanted));
      if (photo === undefined) throw new HTTPException(404, { message: NO_PHOTO });
      return c.json({ ...toPhoto(photo), ...(await placeOf(photo.path, context.remote)) }, 200);
    })
    .openapi(picture('tile', 'A photo for the wall'), (c) =>
      render(c.req.valid('param').id, 'tile', c.req.valid('query').at, c.req.raw.signal),
    )
    .openapi(picture('view', 'A photo for the full view'), (c) =>
      render(c.req.valid('param').id, 'view', c.req.valid('query').at, c.req.raw.signal),
    )
    .openapi(playVideo, async (c) => {
      const { path, stills } = await findPicture(context, c.req.valid('param').id);
      if (stills.length === 0) throw new HTTPException(404, { message: 'a photo, expected a video' });
      return sendVideo(path, c.req.header('range'));
    })
    .openapi(findPhotos, async (c) => c.json(await search(context, c.req.valid('json')), 200))
    .openapi(addUploads, async (c) => {
      const photos: { id: string; name: string }[] = [];
      const refused: { name: string; reason: ReturnType<typeof toMessage> }[] = [];
      const limits = { files: UPLOAD_LIMITS.count, fileBytes: UPLOAD_LIMITS.bytes };
      await readForm(c.req.raw, limits, async ({ field, name, stream, isCut }) => {
        if (field !== 'photos') {
          stream.resume();
          return;
        }
        const added = await uploads.receive(name, stream, isCut).catch((error: unknown) => {
          if (!(error instanceof PolarError)) throw error;
          refused.push({ name, reason: toMessage(error.message) });
        });
        if (added) photos.push({ id: added.hash, name });
      });
      if (photos.length + refused.length === 0) {
        throw new PolarError(tell('photo.no-pictures'));
      }
      return c.json({ photos, refused }, 200);
    });
}
