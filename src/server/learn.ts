import type { z } from '@hono/zod-openapi';
import { teach } from '../app/teach.ts';
import { knownEmbeddings } from '../library/reading/known-embeddings.ts';
import { withPhoto } from '../library/remote/remote-photos.ts';
import { fileExamples } from '../node/learn.ts';
import { type AppContext, findPicture } from './context.ts';
import { toSummary } from './describe.ts';
import { toMessage } from './router.ts';
import type { LearnEvent, LearnRequest } from './schemas.ts';

type Event = z.infer<typeof LearnEvent>;

// Often enough for a curve that runs, seldom enough that sending costs nothing.
const SEND_EVERY_MS = 30;

/**
 * Learns a concept and tells how it goes.
 *
 * @param send must return at once
 * @throws PolarError when it cannot be learnt
 */
export async function learn(
  context: AppContext,
  request: z.output<typeof LearnRequest>,
  signal: AbortSignal,
  send: (event: Event) => void,
): Promise<void> {
  const { clip, concepts: shelf } = context;
  const { name, mode } = request;
  signal.throwIfAborted();
  const pictures = await Promise.all(request.photos.map((id) => findPicture(context, id)));
  const { count, read } = fileExamples(
    clip,
    pictures.map(({ path }) => path),
    {
      signal,
      known: knownEmbeddings(context.store, clip),
      open: (path, use) => withPhoto(path, context.remote, use, signal),
    },
  );
  let losses: number[] = [];
  let sent = 0;
  const flush = (total: number): void => {
    if (losses.length > 0) send({ kind: 'steps', total, losses });
    losses = [];
    sent = performance.now();
  };
  await context.library.use(async (library) => {
    // Pictures are numbered: the page does not show where they lie.
    const lesson = await teach(
      clip,
      name,
      { count, read },
      {
        mode,
        shelf,
        library,
        className: request.className || undefined,
        signal,
        onStep: (step, steps, loss) => {
          losses.push(loss);
          if (step === steps || performance.now() - sent > SEND_EVERY_MS) flush(steps);
        },
      },
    );
    const { concept, seconds, hints } = lesson;
    send({
      kind: 'learnt',
      concept: await toSummary(context, library, concept),
      seconds,
      hints: hints.map(toMessage),
    });
  });
}
