import { Icon } from '../../ui/icon.tsx';
import { attempt, isChoosing, state } from '../store.ts';
import { isBusy, job, startJob } from './job.ts';

/** Where Toybox reads photographs: a better model by one button. */
export function ModelBanner() {
  const advice = state.value?.advice;
  if (!advice) return null;
  const { name, megabytes, licence, cached, languages } = advice;
  const isComing = isBusy.value && job.value !== undefined && 'model' in job.value.request;
  return (
    <section class="banner" aria-label="A model for photos">
      <Icon name="info" />
      <p>
        This small model knows drawings. For your photos get <strong>{name}</strong>
        {cached ? ', which is here already' : ` (${megabytes.toLocaleString('en')} MB)`}.{' '}
        <span class="faint">
          {licence !== null && `Licence ${licence}; `}
          {languages === 'many' ? 'it reads many languages' : 'it reads English'}. Searches go on meanwhile.
        </span>
      </p>
      <button
        type="button"
        class="main"
        disabled={isBusy.value}
        onClick={() => attempt(() => startJob({ model: name }))}
      >
        {isComing ? 'On its way' : cached ? 'Use it' : 'Get it'}
      </button>
      <button
        type="button"
        onClick={() => {
          isChoosing.value = true;
        }}
      >
        Other models
      </button>
    </section>
  );
}
