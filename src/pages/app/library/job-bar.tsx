import { Icon } from '../../ui/icon.tsx';
import { count } from '../store.ts';
import { isBusy, job, stopJob } from './job.ts';

/** Long work: how far it is, and what came out of it. */
export function JobBar() {
  if (job.value === undefined) return null;
  const { label, done, total, message, state, skipped } = job.value;
  return (
    <section class={`job ${state}`} aria-label="Work in hand">
      {isBusy.value ? (
        <>
          <label>
            <span>{label}</span>
            <progress value={total === 0 ? undefined : done} max={total || undefined} />
          </label>
          <span class="faint">
            {total === 0 ? '' : `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`}
          </span>
          <button type="button" onClick={stopJob}>
            Stop
          </button>
        </>
      ) : (
        <>
          <p role={state === 'failed' ? 'alert' : 'status'}>{message}</p>
          {skipped.length > 0 && (
            <details>
              <summary>{count(skipped.length, 'file')} passed over</summary>
              <ul>
                {skipped.map(({ name, reason }) => (
                  <li key={name + reason}>
                    <strong>{name}</strong>: {reason}
                  </li>
                ))}
              </ul>
            </details>
          )}
          <button
            type="button"
            class="bare"
            aria-label="Close the message"
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
