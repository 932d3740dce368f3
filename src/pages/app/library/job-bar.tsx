import { Icon } from '../../ui/icon.tsx';
import { Progress } from '../../ui/progress.tsx';
import { English } from '../../ui/trouble.tsx';
import { say } from '../../words/say.ts';
import { attempt } from '../store.ts';
import { isBusy, job, startJob, stopJob } from './job.ts';

/** Long work: how far it is, and what came out of it. */
export function JobBar() {
  if (job.value === undefined) return null;
  const { label, done, total, unit, message, state, skipped, request } = job.value;
  return (
    <section class={`job ${state}`} aria-label={say('job.region')}>
      {isBusy.value ? (
        <>
          <Progress key={label} label={<English text={label} />} done={done} total={total} unit={unit} />
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
