import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { PolarError } from '../../errors.ts';
import type { Album } from '../../library/albums/album-store.ts';
import { filterOf, lookInto } from '../../library/albums/look-into.ts';
import { type AppContext, findPicture } from '../context.ts';
import { answer, body, createRouter } from '../router.ts';
import { AlbumRequest, AlbumSummary, Nothing } from '../schemas.ts';
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
  summary: 'Notes that a saved search was looked at: nothing of it is new then',
  request: { params: name },
  responses: answer(AlbumSummary, 'as it is now'),
});

const removeAlbum = createRoute({
  method: 'delete',
  path: '/albums/{name}',
  tags,
  summary: 'Forgets a saved search; the photos stay',
  request: { params: name },
  responses: answer(Nothing, 'it is forgotten'),
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
    if (album.near !== null) return undefined;
    const filter = inMemory(filterOf(album));
    const { clip, encode } = context;
    const concepts = await context.listConcepts();
    return context.library.use((snapshot) =>
      snapshot.count === 0 ? [] : lookInto(clip, concepts, snapshot, album, { filter, encode }),
    );
  };
  const describe = async (album: Album): Promise<z.infer<typeof AlbumSummary>> => {
    const { seen: _, near: __, not: without, ...rest } = album;
    const photos = await photosOf(album);
    return {
      ...rest,
      without,
      photos: photos?.length ?? null,
      new: photos?.filter(({ isNew }) => isNew).length ?? null,
    };
  };
  const find = async (wanted: string): Promise<Album> =>
    albums.get(wanted).catch((error: unknown) => {
      if (!(error instanceof PolarError) || error.code !== 'not-found') throw error;
      throw new HTTPException(404, { message: `no album "${wanted}"` });
    });
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
      const photos = await photosOf(album);
      if (photos !== undefined) {
        await albums.look(
          album.name,
          photos.map(({ hash }) => hash),
        );
      }
      context.changes.tell();
      return c.json(await describe(await find(album.name)), 200);
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
