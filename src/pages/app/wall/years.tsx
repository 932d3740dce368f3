import { useEffect, useRef } from 'preact/hooks';
import { say } from '../../words/say.ts';

/** A year, and its first month among those of the wall. */
export interface Year {
  readonly year: string;
  readonly group: number;
}

/** The years of months such as `2024-05`, in their order. */
export function yearsOf(months: readonly { readonly month: string }[]): Year[] {
  const years: Year[] = [];
  for (const [group, { month }] of months.entries()) {
    const year = month.slice(0, -3);
    if (years.at(-1)?.year !== year) years.push({ year, group });
  }
  return years;
}

interface Props {
  readonly years: readonly Year[];
  /** Group that is in sight. */
  readonly group: number;
  /** Height at the window's top that a header covers, CSS pixels. */
  readonly covered: number;
  readonly onGo: (group: number) => void;
}

/** Leads to the years of the wall, beside it; on a phone above it. */
export function Years({ years, group, covered, onGo }: Props) {
  const nav = useRef<HTMLElement>(null);
  const current = years.findLast((year) => year.group <= group)?.year;
  useEffect(() => {
    const button = nav.current!.querySelector<HTMLElement>('[aria-current]');
    if (button === null) return;
    // Not scrollIntoView, which would move the page as well.
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = button;
    const { clientWidth, clientHeight } = nav.current!;
    nav.current!.scrollTo({
      left: offsetLeft - (clientWidth - offsetWidth) / 2,
      top: offsetTop - (clientHeight - offsetHeight) / 2,
    });
  }, [current]);
  return (
    <nav ref={nav} class="years" aria-label={say('wall.years')} style={{ top: `${covered}px` }}>
      {years.map(({ year, group: first }) => (
        <button
          key={year}
          type="button"
          class="bare"
          aria-current={year === current ? 'true' : undefined}
          onClick={() => onGo(first)}
        >
          {year}
        </button>
      ))}
    </nav>
  );
}
