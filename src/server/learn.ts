import type { z } from '@hono/zod-openapi';
import { SAMPLE } from '../app/ask.ts';
import { PolarError } from '../errors.ts';
import { checkConceptName } from '../node/concept-store.ts';
import { learnConcept } from '../node/learn.ts';
import { checkExamples, type ExampleCheck } from '../polar/check-photos.ts';
import { DEFAULT_TRAINING } from '../polar/personalize.ts';
import { type AppContext, findPicture } from './context.ts';
import { toQuality, toSummary } from './describe.ts';
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
  const { clip, concepts } = context;
  signal.throwIfAborted();
  const name = request.name.trim();
  checkConceptName(name);
  const exists = await concepts.has(name);
  if (request.mode === 'new' && exists) {
    throw new PolarError(`there is a concept "${name}" already; choose another name, or learn it again`);
  }
  const earlier = exists ? await concepts.get(name) : undefined;
  if (request.mode === 'add' && earlier === undefined) {
    throw new PolarError(`there is no concept "${name}" to add photos to; learn it first`);
  }
  const add = request.mode === 'add' ? earlier : undefined;
  const photos = await Promise.all(request.photos.map((id) => findPicture(context, id)));
  const className = request.className || null;
  const started = performance.now();
  let losses: number[] = [];
  let sent = 0;
  const flush = (): void => {
    if (losses.length > 0) send({ kind: 'steps', total: DEFAULT_TRAINING.iterations, losses });
    losses = [];
    sent = performance.now();
  };
  const { concept } = await learnConcept(
    clip,
    earlier?.name ?? name,
    photos.map(({ path }) => path),
    {
      add,
      className: className ?? add?.className ?? null,
      signal,
      onIteration: (_, [loss]) => {
        losses.push(loss!);
        if (performance.now() - sent > SEND_EVERY_MS) flush();
      },
    },
  );
  flush();
  signal.throwIfAborted();
  const seconds = (performance.now() - started) / 1000;
  await concepts.save(concept);
  await context.library.use(async (snapshot) => {
    send({
      kind: 'learnt',
      concept: await toSummary(context, snapshot, concept),
      seconds,
      hints: hintsOf(checkExamples(concept.features!, await snapshot.sample(SAMPLE))),
      quality: await toQuality(context, snapshot, concept),
    });
  });
}

function hintsOf({ nearDuplicates, offTopic }: ExampleCheck): string[] {
  return [
    ...nearDuplicates.map(
      ([a, b]) => `Photos ${a + 1} and ${b + 1} are nearly the same; another one would teach more.`,
    ),
    ...offTopic.map((i) => `Photo ${i + 1} looks unlike the others; does it show the same thing?`),
  ];
}
