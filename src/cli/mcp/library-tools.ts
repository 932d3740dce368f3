import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { ask } from '../../app/ask.ts';
import { teach } from '../../app/teach.ts';
import { PolarError } from '../../errors.ts';
import { isIndexed } from '../../library/export/listing.ts';
import { describeFolders } from '../../library/folder-states.ts';
import type { PhotoStore } from '../../library/photo-store.ts';
import { knownEmbeddings } from '../../library/reading/known-embeddings.ts';
import { withPictureOf } from '../../library/remote/remote-photos.ts';
import { PhotoTable } from '../../library/search.ts';
import type { ConceptStore } from '../../node/concepts/concept-store.ts';
import { fileExamples } from '../../node/learn.ts';
import type { Clip } from '../../node/load-clip.ts';
import { makeThumbnail } from '../../node/pixels/thumbnail.ts';
import { atLeast, RELEVANCE } from '../../polar/query/relevance.ts';
import { clean } from '../../words.ts';
import { timeOfDay } from '../common.ts';

/** What the tools work with. */
export interface ToolParts {
  readonly store: PhotoStore;
  readonly clip: Clip;
  readonly concepts: ConceptStore;
  /** Whether an assistant may teach new things. */
  readonly write: boolean;
  readonly signal: AbortSignal;
}

// Of what an assistant sends and gets: it reads all of it.
const MAX_RESULTS = 50;
const MAX_TEXT = 1000;
const MAX_PATH = 4096;
const MAX_PHOTOS = 50;
const MAX_SIDE = 1024;
const MAX_SECONDS = 1e6;

const text = z.string().max(MAX_TEXT);
const path = z.string().min(1).max(MAX_PATH);
const dayShape = z.iso.date();

/** Gives a server the tools of a library: `search`, `show`, `list_concepts`, `list_folders` and, to write, `learn_concept`. */
export function addLibraryTools(server: McpServer, parts: ToolParts): void {
  const { store, clip, concepts } = parts;
  const reads = { readOnlyHint: true, openWorldHint: false } as const;
  server.registerTool(
    'search',
    {
      title: 'Search photos',
      description:
        'Finds photos of the person with a sentence, such as "Rex in the snow". Names of learnt things (list_concepts) are recognised in it. Best first; relevance says how sure each is.',
      annotations: reads,
      inputSchema: {
        sentence: text.min(1).describe('what the photo shows'),
        not: z.array(text).max(10).optional().describe('what it should not show'),
        after: dayShape.optional().describe('taken on this day or later'),
        before: dayShape.optional().describe('taken before this day'),
        folder: path.optional().describe('only below this folder'),
        relevance: z.enum(RELEVANCE).default('weak').describe('at least as sure as that'),
        top: z.int().min(1).max(MAX_RESULTS).default(10),
      },
      outputSchema: {
        understood: z.array(z.string()).describe('learnt things that the sentence names'),
        notes: z.array(z.string()),
        photos: z.array(
          z.object({
            path: z.string(),
            relevance: z.enum(RELEVANCE),
            score: z.number(),
            taken: z.string().nullable().describe("by the camera's clock"),
            at: z.number().nullable().describe('of a video where it fits best, in seconds; null for a photo'),
          }),
        ),
      },
    },
    ({ sentence, not, after, before, folder, relevance, top }) =>
      inWords(async () => {
        const photos = await PhotoTable.open(store, clip);
        const filter = { after: timeOf(after), before: timeOf(before), folder };
        const { signal } = parts;
        const answer = await ask(
          clip,
          photos,
          { sentence, not },
          { concepts: await concepts.list(), top, filter, signal },
        );
        const found = answer.hits.filter(atLeast(relevance)).map(({ path, relevance, score, taken, at }) => ({
          ...{ path, relevance, score, at },
          taken: taken === null ? null : new Date(taken).toISOString().slice(0, 19),
        }));
        return structured({
          understood: answer.concepts.map(({ name }) => name),
          notes: [...answer.notes],
          photos: found,
        });
      }),
  );
  server.registerTool(
    'show',
    {
      title: 'Show a photo',
      description: 'A small copy of a photo of the library, or of a moment of a video, as an image.',
      annotations: reads,
      inputSchema: {
        path: path.describe('as search gives it'),
        side: z.int().min(64).max(MAX_SIDE).default(512).describe('pixels of its longer side'),
        at: z.number().min(0).max(MAX_SECONDS).optional().describe('of a video, as search gives it'),
      },
    },
    ({ path, side, at }) =>
      inWords(async () => {
        await requireIndexed(parts, [path]);
        const shape = { width: side, height: side, fit: 'inside', format: 'jpeg', quality: 80 } as const;
        const image = await withPictureOf(path, at ?? null, undefined, ({ bytes }) =>
          makeThumbnail({ name: path, bytes }, shape),
        );
        const data = Buffer.from(image).toString('base64');
        return { content: [{ type: 'image', data, mimeType: 'image/jpeg' }] };
      }),
  );
  server.registerTool(
    'list_concepts',
    {
      title: 'List learnt things',
      description: 'The personal things that a sentence may name.',
      annotations: reads,
      inputSchema: {},
      outputSchema: {
        concepts: z.array(
          z.object({
            name: z.string(),
            class: z.string().nullable(),
            photos: z.int(),
            usable: z.boolean().describe('learnt with the model of this library'),
          }),
        ),
      },
    },
    () =>
      inWords(async () =>
        structured({
          concepts: (await concepts.list()).map(({ name, className, photoHashes, modelId, revision }) => ({
            ...{ name, class: className, photos: photoHashes.length },
            usable: modelId === clip.id && revision === clip.revision,
          })),
        }),
      ),
  );
  server.registerTool(
    'list_folders',
    {
      title: 'List folders',
      description: 'The folders whose photos can be searched.',
      annotations: reads,
      inputSchema: {},
      outputSchema: {
        folders: z.array(z.object({ path: z.string(), photos: z.int(), missing: z.boolean() })),
      },
    },
    () =>
      inWords(async () =>
        structured({
          folders: (await describeFolders(store)).map(({ path, photos, missing }) => ({
            path,
            photos,
            missing,
          })),
        }),
      ),
  );
  if (parts.write) addLearning(server, parts);
}

function addLearning(server: McpServer, parts: ToolParts): void {
  const { store, clip, concepts, signal } = parts;
  server.registerTool(
    'learn_concept',
    {
      title: 'Learn a thing',
      description:
        'Teaches a personal thing from about five photos of the library that show it, so that sentences may name it. Ask the person before.',
      annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
      inputSchema: {
        name: text.min(1).describe('how the person calls it: Rex'),
        class: text.min(1).optional().describe('the kind of thing: dog'),
        photos: z.array(path).min(1).max(MAX_PHOTOS).describe('paths as search gives them'),
      },
      outputSchema: { name: z.string(), photos: z.int(), seconds: z.number(), hints: z.array(z.string()) },
    },
    ({ name, class: className, photos }) =>
      inWords(async () => {
        await requireIndexed(parts, photos);
        const lesson = await teach(
          clip,
          name,
          fileExamples(clip, photos, { signal, known: knownEmbeddings(store, clip) }),
          {
            ...{ mode: 'new', shelf: concepts, className, signal },
            library: await PhotoTable.find(store, clip),
          },
        );
        return structured({
          name: lesson.concept.name,
          photos: lesson.concept.photoHashes.length,
          seconds: lesson.seconds,
          hints: [...lesson.hints],
        });
      }),
  );
}

/** @throws PolarError when a path is no photo of the library: no other file of the machine is ever read */
async function requireIndexed({ store, clip }: ToolParts, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (!(await isIndexed(store, clip, path))) {
      throw new PolarError(`${path}: no photo of the library; give a path as search gives it`, 'not-found');
    }
  }
}

const timeOf = (day: string | undefined): number | undefined =>
  day === undefined ? undefined : timeOfDay(day);

const structured = (result: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(result) }],
  structuredContent: result,
});

/** What a person or an assistant can mend is the answer of the tool, in one line. */
async function inWords(work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PolarError)) throw error;
    return { content: [{ type: 'text', text: clean(error.message) }], isError: true };
  }
}
