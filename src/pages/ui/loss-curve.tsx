const WIDTH = 320;
const HEIGHT = 90;
const EDGE = 4;

interface Props {
  readonly losses: readonly number[];
  /** Steps in all: the curve grows from left to right. */
  readonly total: number;
}

/** The loss of the steps so far. */
export function LossCurve({ losses, total }: Props) {
  const highest = Math.max(...losses);
  const lowest = Math.min(...losses);
  const x = (step: number) => (step / Math.max(1, total - 1)) * WIDTH;
  const y = (loss: number) =>
    HEIGHT - EDGE - ((loss - lowest) / (highest - lowest || 1)) * (HEIGHT - 2 * EDGE);
  const points = losses.map((loss, step) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(' ');
  const words = losses.length < 2 ? '' : `${losses[0]!.toPrecision(3)} to ${losses.at(-1)!.toPrecision(3)}`;
  return (
    <figure class="curve">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Loss: ${words || 'begins'}`}
        preserveAspectRatio="none"
      >
        {losses.length > 1 && <polyline points={points} />}
      </svg>
      <figcaption>
        Loss {words}
        <span>
          step {losses.length} of {total}
        </span>
      </figcaption>
    </figure>
  );
}
