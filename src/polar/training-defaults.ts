/**
 * How a concept is learnt when nothing else is said: the released code's settings for ConCon-Chi. The one place that
 * states them; commands, server, pages and benchmarks read them here.
 */
export const DEFAULT_TRAINING = {
  /** lambda */
  regWeight: 0.35,
  iterations: 500,
  learningRate: 1e-3,
  forward: 'released',
} as const;

/** Seed of the prompts and of A, unless another one is given. */
export const DEFAULT_SEED = 0;
