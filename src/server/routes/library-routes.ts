import { readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { createRoute, z } from '@hono/zod-openapi';
import { TOYBOX } from '../../clip/hub/names.ts';
import { PolarError } from '../../errors.ts';
import { describeFolders, forget } from '../../library/folder-states.ts';
import { isWithin, listFailed, listFolders } from '../../library/folders.ts';
import { kindOf } from '../../library/kinds.ts';
import { isAddress } from '../../library/remote/address.ts';
import { tell } from '../../messages.ts';
import { hasDrawnSize } from '../../toybox/drawn.ts';
import type { AppContext } from '../context.ts';
import { toyboxThings } from '../context.ts';
import { toSummary } from '../describe.ts';
import { sendEvents } from '../events.ts';
import type { Snapshot } from '../library/live-library.ts';
import type { ListedModel, Models } from '../models.ts';
import { answer, body, createRouter, toMessage } from '../router.ts';
import { Folder, Job, JobRequest, LibraryFolder, Model, Nothing, State } from '../schemas.ts';
import { canShowFolders } from '../show-folders.ts';
import { hasToyboxWorld } from '../toybox.ts';

const tags = ['Library'];

// As many are shown of each folder; "polar index --failed" lists all.
const MAX_SKIPPED = 200;

const getState = createRoute({
  method: 'get',
  path: '/state',
  tags,
  summary: 'Everything that the page needs to begin',
  responses: answer(State, 'the state of the app'),
});

const getFolder = createRoute({
  method: 'get',
  path: '/folders',
  tags,
  summary: 'Looks into a folder of this computer, to choose one to add',
  request: { query: z.object({ path: z.string().max(4096).optional() }) },
  responses: answer(Folder, 'the folders in it'),
});

const listLibrary = createRoute({
  method: 'get',
  path: '/library',
  tags,
  summary:
    'The folders that are indexed, whoever indexed them: what is in them, left out, broken and missing',
  responses: answer(z.array(LibraryFolder), 'the folders, in order of their paths'),
});

const startJob = createRoute({
  method: 'post',
  path: '/job',
  tags,
  summary:
    'Adds a folder or the Toybox to the library, looks for changes in it, or changes to another model; goes on until it is done or stopped',
  request: body(JobRequest),
  responses: answer(Job, 'the job that was started'),
});

const followJob = createRoute({
  method: 'get',
  path: '/job',
  tags,
  summary: 'Follows the job in hand until it ends',
  responses: {
    200: {
      content: { 'text/event-stream': { schema: Job.nullable() } },
      description: 'server-sent events, each a Job; null where there was none since the start',
    },
  },
});

const stopJob = createRoute({
  method: 'delete',
  path: '/job',
  tags,
  summary: 'Stops the job in hand; what was done is kept',
  responses: answer(Nothing, 'it has stopped'),
});

const followChanges = createRoute({
  method: 'get',
  path: '/changes',
  tags,
  summary: 'Tells of changes, made here or elsewhere; each is worth a look at the state',
  responses: {
    200: {
      content: { 'text/event-stream': { schema: z.number().int() } },
      description: 'server-sent events, each a number, the first at once',
    },
  },
});

const listModels = createRoute({
  method: 'get',
  path: '/models',
  tags,
  summary:
    'The models that can be chosen: at hand, or worth fetching; POST /job with one of their names uses it',
  responses: answer(z.array(Model), 'the recommended one first'),
});

const removeModel = createRoute({
  method: 'delete',
  path: '/models',
  tags,
  summary: 'Takes a model out of the cache, which other programs share',
  request: { query: z.object({ name: z.string().min(1).max(200) }) },
  responses: answer(z.array(Model), 'those that can be chosen now'),
});

const changeFolder = createRoute({
  method: 'patch',
  path: '/library',
  tags,
  summary: 'Watches an indexed folder or the photos of another server, or no longer',
  request: body(z.object({ path: z.string().min(1).max(4096), watch: z.boolean() })),
  responses: answer(Nothing, 'it is done'),
});

const forgetFolder = createRoute({
  method: 'delete',
  path: '/library',
  tags,
  summary: 'Takes a folder or a photo out of the index; the files stay',
  request: { query: z.object({ path: z.string().min(1).max(4096) }) },
  responses: answer(z.object({ photos: z.number().int() }), 'how many photos went'),
});

// How soon a page notices what another program has written.
const LOOK_MS = 5000;

/** The library as a whole: what is in it, and long work on it. */
export function libraryRoutes(context: AppContext) {
  const { changes, home, jobs, models, watches, work } = context;
  return createRouter()
    .openapi(getState, async (c) => {
      const { clip, library } = context;
      await library.refresh();
      const concepts = await context.concepts.list();
      return c.json(
        await library.use(async (snapshot) => ({
          app: context.version,
          model: clip.id,
          photos: snapshot.photos.length,
          version: snapshot.version,
          concepts: await Promise.all(concepts.map((concept) => toSummary(context, snapshot, concept))),
          folders: (await listFolders(context.store, clip)).map(({ path }) => path),
          things: (await toyboxThings(home)).map((thing) => ({ ...thing, photos: [...thing.photos] })),
          hasToybox: await hasToyboxWorld(),
          canShowFolders: canShowFolders(c),
          advice: needsModel(clip.id, snapshot) ? await adviceOf(models) : null,
          job: job(context),
        })),
        200,
      );
    })
    .openapi(listLibrary, async (c) => {
      const states = await describeFolders(context.store);
      const failed = await listFailed(context.store, context.clip);
      return c.json(
        states.map(({ troubles, takenOut, skip, sources, ...state }) => ({
          ...state,
          sources: sources === undefined ? null : [...sources],
          takenOut: [...takenOut],
          watched: watches.has(state.path),
          skipped: failed
            .filter(({ path }) => isWithin(path, state.path))
            .slice(0, MAX_SKIPPED)
            .map(({ path, reason }) => ({ path, reason: toMessage(reason) })),
        })),
        200,
      );
    })
    .openapi(getFolder, async (c) => c.json(await lookInto(c.req.valid('query').path ?? homedir()), 200))
    .openapi(startJob, async (c) => {
      const wanted = c.req.valid('json');
      if ('toybox' in wanted) jobs.addToybox();
      else if ('model' in wanted) jobs.addModel(wanted.model);
      else if (isAddress(wanted.folder)) jobs.addServer(wanted.folder);
      else {
        const { path } = await lookInto(wanted.folder);
        jobs.addFolder(path);
      }
      return c.json(job(context)!, 200);
    })
    .openapi(followJob, (c) =>
      sendEvents<z.infer<typeof Job> | null>(c, work, async (send, signal) => {
        send(job(context));
        if (jobs.state?.state !== 'running' || signal.aborted) return;
        await new Promise<void>((resolve) => {
          const end = jobs.listen((state) => {
            send(job(context));
            if (state.state !== 'running') finish();
          });
          const finish = (): void => {
            end();
            resolve();
          };
          signal.addEventListener('abort', finish);
        });
      }),
    )
    .openapi(followChanges, (c) =>
      sendEvents<number>(c, work, async (send, signal) => {
        let turn = 0;
        const end = changes.listen(() => send(++turn));
        const look = setInterval(() => context.library.refreshSoon(), LOOK_MS); // other programs write as well
        send(turn);
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve());
        });
        clearInterval(look);
        end();
      }),
    )
    .openapi(listModels, async (c) => c.json(await models.list(), 200))
    .openapi(removeModel, async (c) => {
      await models.remove(c.req.valid('query').name);
      return c.json(await models.list(), 200);
    })
    .openapi(changeFolder, async (c) => {
      const { path, watch } = c.req.valid('json');
      await watches.set(path, watch);
      changes.tell();
      return c.json({}, 200);
    })
    .openapi(forgetFolder, async (c) => {
      const { path } = c.req.valid('query');
      await watches.set(path, false);
      const photos = await forget(context.store, path);
      await context.library.refresh();
      changes.tell();
      return c.json({ photos }, 200);
    })
    .openapi(stopJob, async (c) => {
      await jobs.stop();
      return c.json({}, 200);
    });
}

function job({ jobs }: AppContext): z.infer<typeof Job> | null {
  if (jobs.state === undefined) return null;
  const { label, messages, skipped, ...state } = jobs.state;
  return {
    ...state,
    label: toMessage(label),
    messages: messages.map(toMessage),
    skipped: skipped.map(({ name, reason }) => ({ name, reason: toMessage(reason) })),
  };
}

async function lookInto(wanted: string): Promise<z.infer<typeof Folder>> {
  const path = wanted === '~' || wanted.startsWith('~/') ? join(homedir(), wanted.slice(1)) : wanted;
  if (!isAbsolute(path)) {
    throw new PolarError(`${wanted}: ${tell('folder.whole-path', { example: join(homedir(), 'Pictures') })}`);
  }
  const root = await realpath(path).catch(() => undefined);
  if (root === undefined) throw new PolarError(`${wanted}: ${tell('folder.missing')}`, 'not-found');
  const entries = await readdir(root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new PolarError(`${wanted}: ${tell('folder.closed', { code: String(error.code) })}`, 'unreadable');
  });
  const folders: { name: string; path: string }[] = [];
  let photos = 0;
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const full = join(root, entry.name);
    if (entry.isFile() && kindOf(entry.name) === 'photo') photos++;
    else if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(full)))) {
      folders.push({ name: entry.name, path: full });
    }
  }
  folders.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return { path: root, parent: dirname(root) === root ? null : dirname(root), folders, photos };
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Whether the model in use knows drawings only, and there are, or will be, photographs to look for. */
const needsModel = (id: string, { photos }: Snapshot): boolean =>
  id === TOYBOX && (photos.length === 0 || photos.some((photo) => !hasDrawnSize(photo)));

const adviceOf = async (models: Models): Promise<ListedModel | null> =>
  (await models.list()).find(({ recommended }) => recommended) ?? null;
