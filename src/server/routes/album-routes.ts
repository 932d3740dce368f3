import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { PolarError } from '../../errors.ts';
import type { Album } from '../../library/albums/album-store.ts';
import { filterOf, lookInto } from '../../library/albums/look-into.ts';
import { tell } from '../../messages.ts';
import { type AppContext, findPicture } from '../context.ts';
import { toHit } from '../describe.ts';
import { answer, body, createRouter } from '../router.ts';
import { AlbumName, AlbumRequest, AlbumSummary, Nothing, OpenAlbum } from '../schemas.ts';
import { filterOf as inMemory } from '../search.ts';

const tags = ['Albums'];
const name = z.object({ name: z.string().max(100) });
const id = z.object({ id: z.string().max(64) });

const listAlbums = createRoute({
  method: 'get',
  path: '/albums',
  tags,
  summary: 'Saved searches, with what is new in each',
  responses: answer(z.array(AlbumSummary), 'in order of their names'),
});

const saveAlbum = createRoute({
  method: 'post',
  path: '/albums',
  tags,
  summary: 'Keeps a search under a name',
  request: body(AlbumRequest),
  responses: answer(AlbumSummary, 'what is kept'),
});

const lookAtAlbum = createRoute({
  method: 'post',
  path: '/albums/{name}/looked',
  tags,
  summary: 'Opens a saved search: its photos, of which none is new from then on',
  request: { params: name },
  responses: answer(OpenAlbum, 'the saved search, and its photos with what was new of them'),
});

const renameAlbum = createRoute({
  method: 'patch',
  path: '/albums/{name}',
  tags,
  summary: 'Calls a saved search something else',
  request: { params: name, ...body(AlbumName) },
  responses: answer(AlbumSummary, 'the same under its new name'),
});

const removeAlbum = createRoute({
  method: 'delete',
  path: '/albums/{name}',
  tags,
  summary: 'Forgets a saved search, which can be brought back; the photos stay',
  request: { params: name },
  responses: answer(Nothing, 'it is forgotten'),
});

const restoreAlbum = createRoute({
  method: 'post',
  path: '/albums/{name}/restored',
  tags,
  summary: 'Brings back one of the last saved searches that were removed',
  request: { params: name },
  responses: answer(AlbumSummary, 'it is back, with what was seen of it'),
});

const listFavourites = createRoute({
  method: 'get',
  path: '/favourites',
  tags,
  summary: 'Ids of the favourites that are in the library',
  responses: answer(z.array(z.string()), 'newest first'),
});

const setFavourite = (method: 'put' | 'delete', summary: string) =>
  createRoute({
    method,
    path: '/photos/{id}/favourite',
    tags,
    summary,
    request: { params: id },
    responses: answer(Nothing, 'it is kept'),
  });

/** Saved searches and favourites. */
export function albumRoutes(context: AppContext) {
  const { albums } = context;
  const photosOf = async (album: Album) => {
    const filter = inMemory(filterOf(album));
    const { clip, encode } = context;
    const concepts = await context.listConcepts();
    return context.library.use(async (snapshot) => ({
      version: snapshot.version,
      photos: snapshot.count === 0 ? [] : await lookInto(clip, snapshot, album, { concepts, filter, encode }),
    }));
  };
  const toSummary = (
    album: Album,
    photos: readonly { readonly isNew: boolean }[] | undefined,
  ): z.infer<typeof AlbumSummary> => {
    const { seen: _, near: __, not: without, ...rest } = album;
    const fresh = photos?.filter(({ isNew }) => isNew).length ?? null;
    return { ...rest, without, photos: photos?.length ?? null, new: fresh };
  };
  const describe = async (album: Album) =>
    toSummary(album, album.near === null ? (await photosOf(album)).photos : undefined);
  const orNotFound = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (!(error instanceof PolarError) || error.code !== 'not-found') throw error;
      throw new HTTPException(404, { message: error.message });
    });
  const find = (wanted: string): Promise<Album> => orNotFound(albums.get(wanted));
  const mark = async (wanted: string, isFavourite: boolean) => {
    const { hash } = await findPicture(context, wanted);
    await albums.setFavourites([hash], isFavourite);
    context.changes.tell();
  };
  return createRouter()
    .openapi(listAlbums, async (c) => {
      const all = [];
      for (const album of await albums.list()) all.push(await describe(album));
      return c.json(all, 200);
    })
    .openapi(saveAlbum, async (c) => {
      const { without: not, ...question } = c.req.valid('json');
      const album = await albums.save({ ...question, not, near: null });
      context.changes.tell();
      return c.json(await describe(album), 200);
    })
    .openapi(lookAtAlbum, async (c) => {
      const album = await find(c.req.valid('param').name);
      if (album.near !== null) {
        throw new PolarError(`${album.name}: ${tell('album.place')}`);
      }
      const { photos, version } = await photosOf(album);
      const hashes = photos.map(({ hash }) => hash);
      await albums.look(album.name, hashes);
      context.changes.tell();
      const seen = photos.map((photo) => ({ ...photo, isNew: false }));
      const hits = photos.map((photo) => ({ ...toHit(photo), isNew: photo.isNew }));
      return c.json({ album: toSummary(await find(album.name), seen), version, photos: hits }, 200);
    })
    .openapi(renameAlbum, async (c) => {
      const album = await find(c.req.valid('param').name);
      const { name: next } = c.req.valid('json');
      await albums.rename(album.name, next);
      context.changes.tell();
      return c.json(await describe(await find(next)), 200);
    })
    .openapi(restoreAlbum, async (c) => {
      const { name: wanted } = c.req.valid('param');
      await orNotFound(albums.restore(wanted));
      context.changes.tell();
      return c.json(await describe(await find(wanted)), 200);
    })
    .openapi(removeAlbum, async (c) => {
      const album = await find(c.req.valid('param').name);
      await albums.remove(album.name);
      context.changes.tell();
      return c.json({}, 200);
    })
    .openapi(listFavourites, async (c) => {
      const hashes = await albums.favourites();
      const ids = await context.library.use(({ photos }) =>
        photos.filter(({ hash }) => hashes.has(hash)).map((photo) => photo.id),
      );
      return c.json(ids, 200);
    })
    .openapi(setFavourite('put', 'Makes a photo a favourite, by its content'), async (c) => {
      await mark(c.req.valid('param').id, true);
      return c.json({}, 200);
    })
    .openapi(setFavourite('delete', 'Makes it one no longer'), async (c) => {
      await mark(c.req.valid('param').id, false);
      return c.json({}, 200);
    });
}
