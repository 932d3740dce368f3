import type { FrozenClip } from './clip.ts';
import { type FrozenTexts, joinTexts, selectTexts } from './frozen-texts.ts';

/**
 * A CLIP that sends each text through the frozen tower once, for work of a few texts that come again: a lesson and the
 * judgements of it. Nothing is forgotten, so it is not for a server.
 *
 * The last bits of a text's numbers depend on the texts that go through the tower with it: those of the first call are
 * exactly those of `clip`.
 */
export function rememberTexts<T extends FrozenClip>(clip: T): T {
  const rows = new Map<string, number>();
  let known: FrozenTexts | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let expected: { readonly texts: readonly string[]; readonly frozen: Promise<FrozenTexts> } | undefined;
  /** The texts that were expected, where they are exactly those that come first. */
  const takeExpected = (texts: readonly string[]): Promise<FrozenTexts> | undefined => {
    const found = expected;
    expected = undefined;
    const isSame =
      found?.texts.length === texts.length && found.texts.every((text, index) => text === texts[index]);
    return isSame ? found?.frozen : undefined;
  };
  return {
    ...clip,
    expectTexts(texts) {
      const distinct = [...new Set(texts)];
      expected = { texts: distinct, frozen: clip.freezeTexts(distinct) };
      expected.frozen.catch(() => {}); // who asks is told
    },
    freezeTexts(texts, options) {
      const frozen = last.then(async () => {
        const fresh = [...new Set(texts)].filter((text) => !rows.has(text));
        if (known === undefined || fresh.length > 0) {
          const added = await (takeExpected(fresh) ?? clip.freezeTexts(fresh, options));
          const first = known?.count ?? 0;
          known = known === undefined ? added : joinTexts(known, added);
          for (const [row, text] of fresh.entries()) rows.set(text, first + row);
        }
        return selectTexts(
          known,
          texts.map((text) => rows.get(text)!),
        );
      });
      last = frozen.catch(() => {});
      return frozen;
    },
  };
}
