import { Icon } from '../../ui/icon.tsx';
import { fill, number, say } from '../../words/say.ts';
import { attempt, isChoosing, state } from '../store.ts';
import { isBusy, job, startJob } from './job.ts';

/** Where Toybox reads photographs: a better model by one button. */
export function ModelBanner() {
  const advice = state.value?.advice;
  if (!advice) return null;
  const { name, megabytes, licence, cached, languages } = advice;
  const model = <strong>{name}</strong>;
  const isComing = isBusy.value && job.value !== undefined && 'model' in job.value.request;
  return (
    <section class="banner" aria-label={say('banner.region')}>
      <Icon name="info" />
      <p>
        {cached ? fill('banner.use', { model }) : fill('banner.get', { model, megabytes: number(megabytes) })}{' '}
        <span class="faint">
          {licence !== null && `${say('banner.licence', { licence })} `}
          {say(languages === 'many' ? 'banner.many' : 'banner.english')} {say('banner.meanwhile')}
        </span>
      </p>
      <button
        type="button"
        class="main"
        disabled={isBusy.value}
        onClick={() => attempt(() => startJob({ model: name }))}
      >
        {say(isComing ? 'banner.coming' : cached ? 'banner.use-it' : 'banner.get-it')}
      </button>
      <button
        type="button"
        onClick={() => {
          isChoosing.value = true;
        }}
      >
        {say('banner.others')}
      </button>
    </section>
  );
}
