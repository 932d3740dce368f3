/**
 * Turns work on many items at once into work on one: items that arrive while a run is under way wait, and the next run
 * takes all of them, in order of arrival. A lone item waits for nothing.
 *
 * @param most items of one run
 * @param run gives a result for each item, in the same order; when it fails, so do all items of the run
 */
export function gather<Item, Result>(
  most: number,
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  interface Waiting {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (reason: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let isRunning = false;
  const drain = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      const taken = waiting.splice(0, most);
      try {
        const results = await run(taken.map(({ item }) => item));
        for (const [index, { resolve }] of taken.entries()) resolve(results[index]!);
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
      // An engine that computes on this thread let nobody in: requests that came meanwhile join the next run.
      if (waiting.length > 0) await new Promise((resolve) => setTimeout(resolve));
    }
    isRunning = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isRunning) void drain();
    });
}
