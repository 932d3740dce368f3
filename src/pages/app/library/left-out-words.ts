import { LEFT_OUT, type LeftOutCounts, type LeftOutReason } from '../../../library/left-out.ts';
import { say } from '../../words/say.ts';

/** "3 videos, 1 picture in another format", or nothing where nothing was left out. */
export function wordsOfLeftOut(counts: LeftOutCounts): string {
  return (Object.keys(LEFT_OUT) as LeftOutReason[])
    .filter((reason) => (counts[reason] ?? 0) > 0)
    .map((reason) => say(`left-out.${reason}`, { count: counts[reason]! }))
    .join(say('join.comma'));
}
