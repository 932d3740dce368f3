// Whether the program in this container answers: `polar immich serve` at 3003, or `polar serve` at 7527. The first
// also counts as well where immich's own machine learning is away: restarting this container would not bring it back.
const answers = await Promise.allSettled(
  ['http://127.0.0.1:3003/ping', 'http://127.0.0.1:7527/'].map((url) =>
    fetch(url, { signal: AbortSignal.timeout(4000) }),
  ),
);
process.exit(answers.some(({ status }) => status === 'fulfilled') ? 0 : 1);
