import { z } from '@hono/zod-openapi';
import { DATE_ORIGINS } from '../library/capture.ts';
import { MESSAGES, type MessageCode } from '../messages.ts';
import { RELEVANCE } from '../polar/query/relevance.ts';
import { REFUSAL_CODES } from './router.ts';

// What goes over the wire: the API's document, its checks and the page's types are all made from these.

export const Message = z
  .object({
    text: z.string().openapi({ description: 'English, whole' }),
    code: z
      .enum(Object.keys(MESSAGES) as MessageCode[])
      .nullable()
      .openapi({
        description: 'which sentence it is, to say it in another language; null where there is none',
      }),
    values: z.record(z.string(), z.union([z.string(), z.number()])).openapi({
      description: 'what stands in its places',
    }),
    about: z.string().nullable().openapi({ description: 'the file or address that the text begins with' }),
  })
  .openapi('Message');

const SkippedFile = z.object({ name: z.string(), reason: Message });

export const Refusal = z
  .object({
    error: z.string().openapi({ description: 'what is wrong, in one line of English' }),
    code: z.enum(REFUSAL_CODES),
    message: Message.openapi({ description: 'the same, to be said in another language' }),
  })
  .openapi('Refusal');

export const Photo = z
  .object({
    id: z.string().openapi({ description: 'changes with the place or the content of the photo' }),
    name: z.string().openapi({ description: 'of the file, without its folder' }),
    width: z.number().int(),
    height: z.number().int(),
    taken: z.number().nullable().openapi({
      description: "by the camera's clock, milliseconds since 1970; null if unknown",
    }),
    dateFrom: z.enum(DATE_ORIGINS).nullable().openapi({
      description: 'what says when it was taken; file: nothing does; null: that was not noted',
    }),
    at: z.number().nullable().openapi({
      description: 'of a video the time of the picture that is shown, in seconds; null for a photo',
    }),
  })
  .openapi('Photo');

export const PhotoPage = z
  .object({
    total: z.number().int(),
    version: z.number().int().openapi({ description: 'changes with the library' }),
    photos: z.array(Photo),
    months: z
      .array(z.object({ month: z.string().openapi({ example: '2024-05' }), photos: z.number().int() }))
      .openapi({
        description: 'of all these photos, newest first, with their first part; a photo counts as in `after`',
      }),
  })
  .openapi('PhotoPage');

export const PhotoDetail = Photo.extend({
  folder: z.string().openapi({ description: 'for a photo of another server, the address of that' }),
  bytes: z.number().int().openapi({ description: '0 where it is not known' }),
  link: z.string().nullable().openapi({ description: 'where a person sees a photo of another server' }),
}).openapi('PhotoDetail');

const ids = z.array(z.string().max(64)).max(50);

export const SearchQuery = z
  .object({
    sentence: z.string().max(1000).default('').openapi({ example: 'Rex in the snow' }),
    like: ids.default([]).openapi({ description: 'photos that the results should look like' }),
    not: ids.default([]).openapi({ description: 'photos that they should not look like' }),
    without: z
      .array(z.string().min(1).max(1000))
      .max(10)
      .default([])
      .openapi({ description: 'sentences that they should not be like' }),
    after: z.number().optional().openapi({
      description:
        'taken then or later, milliseconds since 1970; a photo that does not say counts from the time of its file',
    }),
    before: z.number().optional().openapi({ description: 'taken before then' }),
    folder: z.string().max(4096).optional().openapi({ description: 'only below this folder' }),
    plain: z.boolean().default(false).openapi({
      description: "to compare: plain CLIP is asked with each concept's class instead of its name",
    }),
    offset: z.number().int().min(0).default(0),
    limit: z.number().int().min(1).max(1000).default(100),
  })
  .openapi('SearchQuery');

const album = {
  name: z.string().trim().min(1).max(100),
  sentence: z.string().trim().min(1).max(1000),
  relevance: z.enum(RELEVANCE).openapi({ description: 'results at least as sure as that' }),
};
const unwanted = z.array(z.string().min(1).max(1000)).max(10);

export const AlbumRequest = z
  .object({
    name: album.name,
    sentence: album.sentence,
    without: unwanted.default([]),
    after: z.number().nullable().default(null),
    before: z.number().nullable().default(null),
    folder: z.string().max(4096).nullable().default(null),
    relevance: album.relevance.default('strong'),
  })
  .openapi('AlbumRequest');

export const AlbumName = z.object({ name: album.name }).openapi('AlbumName');

export const AlbumSummary = z
  .object({
    ...album,
    without: unwanted,
    after: z.number().nullable(),
    before: z.number().nullable(),
    folder: z.string().nullable(),
    looked: z.number().nullable().openapi({ description: 'when it was last looked at; null if never' }),
    photos: z.number().int().nullable().openapi({
      description: 'that it holds now; null for one with a place, which is asked on the command line',
    }),
    new: z.number().int().nullable().openapi({ description: 'of them since it was last looked at' }),
  })
  .openapi('AlbumSummary');

export const Hit = Photo.extend({
  score: z.number().openapi({ description: 'cosine of the query and the photo' }),
  relevance: z.enum(RELEVANCE),
  copies: z.number().int().openapi({ description: 'files with this content, this one among them' }),
}).openapi('Hit');

export const OpenAlbum = z
  .object({
    album: AlbumSummary,
    version: z.number().int().openapi({ description: 'changes with the library' }),
    photos: z
      .array(
        Hit.extend({ isNew: z.boolean().openapi({ description: 'not in it when it was opened before' }) }),
      )
      .openapi({ description: 'best first, at most 10,000' }),
  })
  .openapi('OpenAlbum');

export const SearchResult = z
  .object({
    total: z.number().int().openapi({ description: 'photos that are ranked; copies stand once' }),
    version: z.number().int(),
    text: z.string().openapi({ description: 'what the model read' }),
    concepts: z.array(z.string()).openapi({ description: 'names that were recognised' }),
    notes: z.array(Message).openapi({
      description: 'about names that were not taken for a learnt thing, and what the model does not read',
    }),
    absent: z.boolean().openapi({ description: 'the learnt thing that is named is taken for absent' }),
    relevant: z.number().int().openapi({ description: 'how many of the best 1,000 are strong or fair' }),
    milliseconds: z.number(),
    photos: z.array(Hit),
  })
  .openapi('SearchResult');

export const ConceptSummary = z
  .object({
    name: z.string(),
    className: z.string().nullable(),
    identifier: z.string(),
    photos: z.number().int(),
    model: z.string(),
    created: z.string(),
    usable: z.boolean().openapi({ description: 'whether it was learnt with the model in use' }),
    cover: z.string().nullable().openapi({ description: 'id of one of its photos' }),
  })
  .openapi('ConceptSummary');

export const ConceptDetail = ConceptSummary.extend({
  examples: z
    .array(Photo.pick({ id: true, name: true }).nullable())
    .openapi({ description: 'its photos; null for one that is not here any more' }),
  iterations: z.number().int(),
  regWeight: z.number(),
  seed: z.number().int(),
}).openapi('ConceptDetail');

export const Quality = z
  .object({
    verdict: z.enum(['very good', 'fair', 'poor']),
    photos: z.number().int().openapi({ description: 'photos that were held out in turn' }),
    found: z.number().int().openapi({ description: 'those that it finds, learnt from the others' }),
    auc: z.number().openapi({ description: 'share of pairs (held-out, other photo) in the right order' }),
    plainAuc: z.number().openapi({ description: 'the same with plain CLIP, asked for the class' }),
    others: z.number().int().openapi({ description: 'photos of the library that the figures are of' }),
    misfit: z.number().int().nullable().openapi({ description: 'index of a photo unlike the others' }),
  })
  .openapi('Quality');

export const ReviewAnswers = z
  .object({ yes: z.array(z.string().max(64)).max(100), no: z.array(z.string().max(64)).max(100) })
  .openapi('ReviewAnswers');

export const DeletedConcept = z
  .object({ id: z.string(), name: z.string(), until: z.string().openapi({ description: 'kept until then' }) })
  .openapi('DeletedConcept');

export const LearnRequest = z
  .object({
    name: z.string().max(200),
    className: z.string().trim().max(60).nullable().default(null),
    photos: z
      .array(z.string().max(64))
      .min(1)
      .max(100)
      .openapi({ description: 'ids of library or uploaded photos' }),
    mode: z
      .enum(['new', 'replace', 'add'])
      .default('new')
      .openapi({ description: 'add: learn further, on top of the photos it was learnt from' }),
  })
  .openapi('LearnRequest');

export const LearnEvent = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('steps'), total: z.number().int(), losses: z.array(z.number()) }),
    z.object({
      kind: z.literal('learnt'),
      concept: ConceptSummary,
      seconds: z.number(),
      hints: z.array(Message),
    }),
    Refusal.extend({ kind: z.literal('error') }),
  ])
  .openapi('LearnEvent');

const LeftOut = z.record(z.string(), z.number().int()).openapi({
  description:
    'what else lies there, by the reason why it is not indexed: video, raw, unreadable, hidden, ...',
});

export const JobRequest = z.union(
  [
    z.object({ folder: z.string().min(1).max(4096) }),
    z.object({ toybox: z.literal(true) }),
    z.object({ model: z.string().min(1).max(200) }),
  ],
  { error: 'expected {"folder": a path}, {"toybox": true} or {"model": a name}' },
);

export const Job = z
  .object({
    label: Message,
    state: z.enum(['running', 'done', 'stopped', 'failed']),
    done: z.number().int(),
    total: z.number().int(),
    messages: z.array(Message).openapi({ description: 'what came out of it, or went wrong' }),
    skipped: z.array(SkippedFile),
    leftOut: LeftOut,
    unit: z.enum(['photos', 'MB']).openapi({ description: 'of done and total' }),
    request: JobRequest.openapi({ description: 'begins it again, where it was stopped' }),
  })
  .openapi('Job');

export const Model = z
  .object({
    name: z.string(),
    id: z.string(),
    megabytes: z.number().openapi({ description: 'of the download' }),
    licence: z.string().nullable(),
    nonCommercial: z.boolean(),
    languages: z.enum(['English', 'many']).nullable(),
    use: Message,
    cached: z.boolean().openapi({ description: 'at hand, so that nothing need be fetched' }),
    used: z.boolean(),
    recommended: z.boolean(),
  })
  .openapi('Model');

export const LibraryFolder = z
  .object({
    path: z.string(),
    sources: z
      .array(z.string())
      .nullable()
      .openapi({ description: 'of another server: immich:, or parts such as immich:album/Rex' }),
    modelId: z.string().nullable(),
    photos: z.number().int(),
    broken: z.number().int().openapi({ description: 'photos that cannot be read' }),
    read: z.number().nullable().openapi({ description: 'when it was last read to its end; null if never' }),
    missing: z.boolean().openapi({ description: 'not there now, so that its photos are not shown' }),
    movedTo: z
      .string()
      .nullable()
      .openapi({ description: 'where the same photos lie now, if that is known' }),
    takenOut: z.array(z.string()),
    leftOut: LeftOut,
    skipped: z.array(z.object({ path: z.string(), reason: Message })),
    watched: z.boolean().openapi({ description: 'read again whenever something changes in it' }),
  })
  .openapi('LibraryFolder');

export const Folder = z
  .object({
    path: z.string(),
    parent: z.string().nullable(),
    folders: z.array(z.object({ name: z.string(), path: z.string() })),
    photos: z.number().int().openapi({ description: 'in the folder itself' }),
  })
  .openapi('Folder');

export const State = z
  .object({
    app: z.string(),
    model: z.string(),
    photos: z.number().int(),
    version: z.number().int(),
    concepts: z.array(ConceptSummary),
    folders: z.array(z.string()),
    things: z.array(z.object({ name: z.string(), className: z.string(), photos: z.array(z.string()) })),
    hasToybox: z.boolean(),
    canShowFolders: z.boolean().openapi({ description: 'whether POST /selection/show works for who asks' }),
    advice: Model.nullable().openapi({
      description: 'a model for photos, where Toybox is in use, which knows drawings only',
    }),
    job: Job.nullable(),
  })
  .openapi('State');

export const Uploaded = z
  .object({
    photos: z.array(Photo.pick({ id: true, name: true })),
    refused: z.array(SkippedFile),
  })
  .openapi('Uploaded');

export const Selection = z
  .object({ photos: z.array(z.string().max(64)).min(1).max(1000).openapi({ description: 'ids' }) })
  .openapi('Selection');

export const MadeDownload = z
  .object({
    id: z.string().openapi({ description: 'for /selection/files/{id}' }),
    photos: z.number().int().openapi({ description: 'in it' }),
    skipped: z.array(SkippedFile),
  })
  .openapi('MadeDownload');

export const Nothing = z.object({}).openapi('Nothing');
