import type { HeldOut } from '../../app/held-out.ts';
import type { Concept } from '../../polar/concept/concept.ts';
import { count } from '../../words.ts';

/** How well a thing was learnt: a sentence, what to do next where that helps, and the figures. */
export function describeHeldOut(
  { name, className }: Pick<Concept, 'name' | 'className'>,
  { verdict, photos, found, auc, plainAuc, others, misfit }: HeldOut,
): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const next =
    verdict === 'very good'
      ? []
      : [
          misfit === null
            ? 'Better: photos from other angles and places (--add), parts of photos where it is small (photo.jpg#xywh=…), or answers: --review'
            : `Better: photo ${misfit + 1} fits the others badly; learn it without that one, or with a part of it`,
        ];
  const words = verdict[0]!.toUpperCase() + verdict.slice(1);
  return [
    `${words}: ${found} of ${count(photos, 'photo')} are found when ${name} is learnt from the others`,
    ...next,
    `Details: they score above ${percent(auc)} of ${count(others, 'other photo')}, with ${className === null ? 'plain CLIP' : `plain "${className}"`} above ${percent(plainAuc)}`,
  ];
}
