import { z } from 'zod';
import { DATE_ORIGINS } from '../../library/capture.ts';
import { RELEVANCE } from '../../polar/query/relevance.ts';

// Objects are strict: the test that checks real outputs then sees what the schema does not name.

const path = z.string().describe('absolute path, or the address of a photo of an immich server');
const hash = z.string().describe('SHA-256 of the file, hexadecimal');
const taken = z.number().nullable().describe("milliseconds since 1970 by the camera's clock");
const dateFrom = z
  .enum(DATE_ORIGINS)
  .nullable()
  .describe('what says taken; file: nothing does, so that the time of the file counts; null: not noted');
const size = { width: z.int().describe('pixels, upright'), height: z.int() };
const trouble = z.strictObject({ path, reason: z.string() });
const skipped = z
  .array(trouble)
  .describe('left out, with the reasons; the exit code is 1 where there are any');
const counts = z.record(z.string(), z.int()).describe('files that are not indexed, by reason');
const model = z.string().describe('the model that was asked');

const found = z.strictObject({
  ...{ path, hash, ...size, taken, dateFrom },
  at: z
    .number()
    .nullable()
    .describe('of a video the time of the picture that fits best, in seconds; null for a photo'),
  score: z.number().describe("cosine of the photo's and the query's embedding"),
  copies: z.int().describe('files with this content'),
  relevance: z.enum(RELEVANCE),
});

const asked = {
  text: z.string().describe('what the model read'),
  concepts: z.array(z.string()).describe('learnt things that were recognised'),
  model,
};

/** What commands print with `--json`. */
export const OUTPUTS = {
  search: z.strictObject({
    sentence: z.string().nullable(),
    ...asked,
    notes: z.array(z.string()).describe('what was not understood, and what is probably not there'),
    absent: z.boolean().describe('the learnt thing that is named is taken for absent'),
    photos: z.array(found).describe('best first'),
  }),
  export: z.strictObject({
    sentence: z.string(),
    ...asked,
    mode: z.enum(['copy', 'link', 'move', 'zip', 'album']),
    dryRun: z.boolean(),
    to: z.string().describe('the folder or file'),
    photos: z.array(
      z.strictObject({
        path,
        to: z.string().describe('where it is, or its name in the archive'),
        state: z.enum(['new', 'there']),
      }),
    ),
    removed: z.array(z.string()).optional().describe('with --watch: links that were taken out'),
    skipped,
  }),
  tag: z.strictObject({
    keyword: z.string(),
    dryRun: z.boolean(),
    photos: z.array(
      z.strictObject({ path, sidecar: z.string(), state: z.enum(['written', 'there', 'removed']) }),
    ),
    skipped,
  }),
  duplicates: z.strictObject({
    model,
    groups: z
      .array(
        z.array(
          z.strictObject({
            ...{ path, hash, ...size, taken, dateFrom },
            bytes: z.int(),
            sharpness: z.number(),
          }),
        ),
      )
      .describe('best first in each'),
    skipped,
  }),
  folders: z.array(
    z.strictObject({
      path,
      sources: z
        .array(z.string())
        .optional()
        .describe('of another server: immich:, or parts such as immich:album/Rex'),
      read: z.number().nullable().describe('when it was last read to its end, milliseconds since 1970'),
      skip: z.array(z.string()),
      takenOut: z.array(z.string()),
      leftOut: counts,
      troubles: z.array(trouble),
      modelId: z.string().nullable(),
      photos: z.int(),
      broken: z.int(),
      missing: z.boolean(),
      movedTo: z.string().nullable(),
    }),
  ),
  index: z.array(
    z.union([
      z.strictObject({
        folder: z.string(),
        model: z.string(),
        found: z.int(),
        added: z.int(),
        unchanged: z.int(),
        recognised: z.int(),
        removed: z.int(),
        skipped: z.array(trouble),
        failed: z.int(),
        leftOut: counts,
        troubles: z.array(trouble),
        complete: z.boolean(),
      }),
      z.strictObject({ folder: z.string(), model: z.string(), error: z.string() }),
    ]),
  ),
} as const;
