import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { say } from '../words/say.ts';
import { timeLeft } from './time-left.ts';

interface Props {
  readonly label: ComponentChildren;
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  readonly unit: 'photos' | 'MB';
}

/** Long work: its name, how far it is, and the time that is left. */
export function Progress({ label, done, total, unit }: Props) {
  return (
    <>
      <label>
        <span>{label}</span>
        <progress value={total === 0 ? undefined : done} max={total || undefined} />
      </label>
      <span class="faint">
        {total > 0 && say(unit === 'MB' ? 'job.progress.megabytes' : 'job.progress.photos', { done, total })}
        <TimeLeft key={unit} done={done} total={total} />
      </span>
    </>
  );
}

function TimeLeft({ done, total }: Pick<Props, 'done' | 'total'>) {
  const begin = useRef<{ time: number; done: number }>(undefined);
  if (done > 0) begin.current ??= { time: performance.now(), done };
  if (begin.current === undefined) return null;
  const seconds = (performance.now() - begin.current.time) / 1000;
  const left = timeLeft(done - begin.current.done, total - done, seconds);
  return left === '' ? null : <span>{say('join.comma') + left}</span>;
}
