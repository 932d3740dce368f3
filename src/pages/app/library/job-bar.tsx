import { useRef } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { English } from '../../ui/trouble.tsx';
import { say } from '../../words/say.ts';
import { attempt } from '../store.ts';
import { isBusy, job, startJob, stopJob } from './job.ts';
import { timeLeft } from './time-left.ts';

/** Long work: how far it is, and what came out of it. */
export function JobBar() {
  if (job.value === undefined) return null;
  const { label, done, total, unit, message, state, skipped, request } = job.value;
  return (
    <section class={`job ${state}`} aria-label={say('job.region')}>
      {isBusy.value ? (
        <>
          <label>
            <English text={label} />
            <progress value={total === 0 ? undefined : done} max={total || undefined} />
          </label>
          <span class="faint">
            {total === 0
              ? ''
              : say(unit === 'MB' ? 'job.progress.megabytes' : 'job.progress.photos', { done, total })}
            <TimeLeft key={label} done={done} total={total} />
          </span>
          <button type="button" onClick={stopJob}>
            {say(unit === 'MB' ? 'job.pause' : 'stop')}
          </button>
        </>
      ) : (
        <>
          <p role={state === 'failed' ? 'alert' : 'status'}>
            <English text={message} />
          </p>
          {state !== 'done' && (
            <button type="button" onClick={() => attempt(() => startJob(request))}>
              {say(state === 'stopped' ? 'job.resume' : 'job.again')}
            </button>
          )}
          {skipped.length > 0 && (
            <details>
              <summary>{say('files.skipped', { count: skipped.length })}</summary>
              <ul>
                {skipped.map(({ name, reason }) => (
                  <li key={name + reason}>
                    <strong dir="auto">{name}</strong>: <English text={reason} />
                  </li>
                ))}
              </ul>
            </details>
          )}
          <button
            type="button"
            class="bare"
            aria-label={say('close.message')}
            onClick={() => {
              job.value = undefined;
            }}
          >
            <Icon name="close" />
          </button>
        </>
      )}
    </section>
  );
}

function TimeLeft({ done, total }: { readonly done: number; readonly total: number }) {
  const begin = useRef<{ time: number; done: number }>(undefined);
  if (done > 0) begin.current ??= { time: performance.now(), done };
  if (begin.current === undefined) return null;
  const seconds = (performance.now() - begin.current.time) / 1000;
  const left = timeLeft(done - begin.current.done, total - done, seconds);
  return left === '' ? null : <span>{say('join.comma') + left}</span>;
}
