import { Fragment } from 'preact';
import { Icon } from '../../ui/icon.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Told } from '../../ui/told.tsx';
import { say } from '../../words/say.ts';
import { attempt } from '../store.ts';
import { isBusy, job, startJob, stopJob } from './job.ts';
import { wordsOfLeftOut } from './left-out-words.ts';

/** Long work: how far it is, and what came out of it. */
export function JobBar() {
  if (job.value === undefined) return null;
  const { label, done, total, unit, messages, state, skipped, leftOut, request } = job.value;
  const others = wordsOfLeftOut(leftOut);
  return (
    <section class={`job ${state}`} aria-label={say('job.region')}>
      {isBusy.value ? (
        <>
          <Progress key={label.text} label={<Told message={label} />} done={done} total={total} unit={unit} />
          <button type="button" onClick={stopJob}>
            {say(unit === 'MB' ? 'job.pause' : 'stop')}
          </button>
        </>
      ) : (
        <>
          <p role={state === 'failed' ? 'alert' : 'status'}>
            {messages.map((message, index) => (
              <Fragment key={message.text}>
                {index > 0 && say('join.semicolon')}
                <Told message={message} />
              </Fragment>
            ))}
            {others !== '' && say('join.semicolon') + say('left-out.all', { list: others })}
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
                  <li key={name + reason.text}>
                    <strong dir="auto">{name}</strong>: <Told message={reason} />
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
