import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { PolarError } from '../../errors.ts';
import { writeGroupSheet } from '../../library/export/contact-sheet.ts';
import { zipPhotos } from '../../library/export/zip-photos.ts';
import { timeOf } from '../../library/filter.ts';
import { isAddress } from '../../library/remote/address.ts';
import { tell } from '../../messages.ts';
import { count } from '../../words.ts';
import { type AppContext, NO_PHOTO, nameOf } from '../context.ts';
import type { ServedPhoto } from '../library/live-library.ts';
import { answer, body, createRouter, toMessage } from '../router.ts';
import { MadeDownload, Nothing, Selection } from '../schemas.ts';
import { canShowFolders, showFolders } from '../show-folders.ts';

const tags = ['Selected photos'];

const listPaths = createRoute({
  method: 'post',
  path: '/selection/paths',
  tags,
  summary: 'Where photos lie on the disk',
  request: body(Selection),
  responses: answer(z.object({ paths: z.array(z.string()) }), 'their paths, in the same order'),
});

const makeZip = createRoute({
  method: 'post',
  path: '/selection/zip',
  tags,
  summary: 'Packs photos into a zip archive, to be downloaded',
  request: body(Selection),
  responses: answer(MadeDownload, 'how it is downloaded'),
});

const makePage = createRoute({
  method: 'post',
  path: '/selection/page',
  tags,
  summary: 'Makes a self-contained page with small copies of photos, to be downloaded',
  request: body(Selection.extend({ title: z.string().trim().max(1000).default('') })),
  responses: answer(MadeDownload, 'how it is downloaded'),
});

const download = createRoute({
  method: 'get',
  path: '/selection/files/{id}',
  tags,
  summary: 'A file that was made; the last three are kept',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: {
    200: {
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
      description: 'the file',
    },
  },
});

const show = createRoute({
  method: 'post',
  path: '/selection/show',
  tags,
  summary: 'Opens the folders of photos in the file manager; only for a visitor at this machine',
  request: body(Selection),
  responses: answer(Nothing, 'they are open'),
});

/** What is done with some photos together. */
export function selectionRoutes(context: AppContext) {
  const { made, remote, work } = context;
  const find = (ids: readonly string[]): Promise<ServedPhoto[]> =>
    context.library.use(({ byId }) =>
      ids.map((id) => {
        const photo = byId.get(id);
        if (photo === undefined) throw new HTTPException(404, { message: NO_PHOTO });
        return photo;
      }),
    );
  return createRouter()
    .openapi(listPaths, async (c) => {
      const photos = await find(c.req.valid('json').photos);
      return c.json({ paths: photos.map(({ path }) => path) }, 200);
    })
    .openapi(makeZip, async (c) => {
      const photos = await find(c.req.valid('json').photos);
      const signal = AbortSignal.any([c.req.raw.signal, work.closing]);
      const file = { name: 'photos.zip', type: 'application/zip' };
      const { id, made: zip } = await made.make(file, async (path) => {
        const summary = await zipPhotos(photos, path, { remote, signal });
        if (summary.photos.length > 0) return summary;
        const [first] = summary.skipped;
        throw new PolarError(tell('select.unreadable', { reason: first?.reason ?? '' }), 'unreadable');
      });
      const byPath = new Map(photos.map((photo) => [photo.path, nameOf(photo)]));
      const skipped = zip.skipped.map(({ path, reason }) => ({
        name: byPath.get(path)!,
        reason: toMessage(reason),
      }));
      return c.json({ id, photos: zip.photos.length, skipped }, 200);
    })
    .openapi(makePage, async (c) => {
      const { photos: ids, title } = c.req.valid('json');
      const photos = await find(ids);
      const words = count(photos.length, 'photo');
      const file = { name: 'photos.html', type: 'text/html; charset=utf-8' };
      const sheet = {
        title: title === '' ? words : title,
        note: words,
        remote,
        groups: [photos.map((photo) => ({ path: photo.path, label: dayOf(photo) }))],
      };
      const { id } = await made.make(file, (path) => writeGroupSheet(path, sheet));
      return c.json({ id, photos: photos.length, skipped: [] }, 200);
    })
    .openapi(download, async (c) => {
      const file = made.find(c.req.valid('param').id);
      const found = file && (await stat(file.path).catch(() => undefined));
      if (file === undefined || found === undefined) {
        throw new HTTPException(404, { message: tell('select.gone') });
      }
      return new Response(Readable.toWeb(createReadStream(file.path)) as ReadableStream, {
        headers: {
          'content-type': file.type,
          'content-length': String(found.size),
          'content-disposition': `attachment; filename="${file.name}"`,
        },
      });
    })
    .openapi(show, async (c) => {
      if (!canShowFolders(c)) {
        throw new HTTPException(403, { message: tell('folder.visitor') });
      }
      const photos = await find(c.req.valid('json').photos);
      const folders = new Set(photos.filter(({ path }) => !isAddress(path)).map(({ path }) => dirname(path)));
      await showFolders([...folders]);
      return c.json({}, 200);
    });
}

const dayOf = (photo: ServedPhoto): string => new Date(timeOf(photo)).toISOString().slice(0, 10);
