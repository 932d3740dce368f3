const WIDTH = 320;
const HEIGHT = 80;

/** The training loss as a small curve, from its largest to its smallest value. */
export function LossCurve({ losses }: { readonly losses: readonly number[] }) {
  const highest = Math.max(...losses);
  const lowest = Math.min(...losses);
  const x = (index: number) => (index / (losses.length - 1)) * WIDTH;
  const y = (loss: number) => HEIGHT - 4 - ((loss - lowest) / (highest - lowest || 1)) * (HEIGHT - 8);
  const points = losses.map((loss, index) => `${x(index).toFixed(1)},${y(loss).toFixed(1)}`).join(' ');
  const label = `Loss from ${losses[0]!.toPrecision(3)} to ${losses.at(-1)!.toPrecision(3)}`;
  return (
    <figure class="curve">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
        <polyline points={points} />
      </svg>
      <figcaption class="hint">{label}</figcaption>
    </figure>
  );
}
