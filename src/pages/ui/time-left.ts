import { duration, say } from '../words/say.ts';

// Of a few moments nothing can be told.
const FEWEST_SECONDS = 3;

/**
 * "4 min left", or nothing while it cannot be told.
 *
 * @param done since `seconds` ago
 * @param rest still to do
 */
export function timeLeft(done: number, rest: number, seconds: number): string {
  if (done <= 0 || rest <= 0 || seconds < FEWEST_SECONDS) return '';
  const left = (rest * seconds) / done;
  if (left < 60) return say('job.left', { time: duration(Math.max(1, Math.round(left)), 'second') });
  if (left < 90 * 60) return say('job.left', { time: duration(Math.round(left / 60), 'minute') });
  return say('job.left', { time: duration(left / 3600, 'hour', 1) });
}
