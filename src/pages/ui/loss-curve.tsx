import { number, say } from '../words/say.ts';

const WIDTH = 320;
const HEIGHT = 90;
const EDGE = 4;

interface Props {
  readonly losses: readonly number[];
  /** Steps in all: the curve grows from left to right. */
  readonly total: number;
  /** Steps from one of the losses to the next. @default 1 */
  readonly every?: number;
}

const short = (loss: number): string => number(loss, { maximumSignificantDigits: 3 });

/** The loss of the steps so far. */
export function LossCurve({ losses, total, every = 1 }: Props) {
  const highest = Math.max(...losses);
  const lowest = Math.min(...losses);
  const x = (step: number) => ((step * every) / Math.max(1, total - 1)) * WIDTH;
  const y = (loss: number) =>
    HEIGHT - EDGE - ((loss - lowest) / (highest - lowest || 1)) * (HEIGHT - 2 * EDGE);
  const points = losses.map((loss, step) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(' ');
  const words =
    losses.length < 2
      ? say('loss')
      : say('loss.from-to', { first: short(losses[0]!), last: short(losses.at(-1)!) });
  return (
    <figure class="curve">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words} preserveAspectRatio="none">
        {losses.length > 1 && <polyline points={points} />}
      </svg>
      <figcaption>
        {words}
        <span>{say('steps.done', { done: Math.min(total, losses.length * every), total })}</span>
      </figcaption>
    </figure>
  );
}
