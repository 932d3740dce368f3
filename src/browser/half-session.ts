import type { GraphSession } from '../clip/graphs/graph-session.ts';

/**
 * A session in half precision, until it gives a number that is not finite, as where a model's activations are larger
 * than half precision holds: from then on, and for that run again, one in full precision.
 */
export function untilNotFinite(half: GraphSession, openFull: () => Promise<GraphSession>): GraphSession {
  let full: Promise<GraphSession> | undefined;
  return {
    async run(feeds, options) {
      if (full === undefined) {
        const outputs = await half.run(feeds, options);
        if (Object.values(outputs).every((values) => values.every(Number.isFinite))) return outputs;
        full ??= half.release().then(openFull);
      }
      return (await full).run(feeds, options);
    },
    release: async () => (await (full ?? half)).release(),
  };
}
