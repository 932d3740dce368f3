import { useEffect, useState } from 'preact/hooks';
import { ask, type Model, server } from '../api.ts';
import { isBusy, startJob } from '../library/job.ts';
import { isChoosing, state, wordsOf } from '../store.ts';

/** The models: chosen, fetched and removed here. */
export function ModelList() {
  const [models, setModels] = useState<readonly Model[]>([]);
  const [trouble, setTrouble] = useState('');
  const used = state.value?.model;
  const busy = isBusy.value;
  const tryTo = async (work: () => Promise<void>) => {
    setTrouble('');
    await work().catch((error: unknown) => setTrouble(wordsOf(error)));
  };
  useEffect(() => {
    void tryTo(async () => setModels(await ask(server.models.$get())));
  }, [used, busy]);
  const use = (name: string) =>
    tryTo(async () => {
      await startJob({ model: name });
      isChoosing.value = false;
    });
  const remove = (name: string) =>
    tryTo(async () => setModels(await ask(server.models.$delete({ query: { name } }))));
  return (
    <section aria-labelledby="models">
      <h3 id="models">Model</h3>
      <p class="faint">
        It looks at the photos and reads the sentences. Another one reads all photos anew; searches go on
        meanwhile. Things are taught to one model: teach them again to the next.
      </p>
      <p class="problem" role="alert">
        {trouble}
      </p>
      <ul class="models">
        {[...models]
          .sort((a, b) => Number(b.used) - Number(a.used))
          .map((model) => (
            <li key={model.name} class={model.used ? 'used' : ''}>
              <div>
                <strong>{model.name}</strong> {model.used && <span class="badge">in use</span>}{' '}
                {model.recommended && <span class="badge">recommended</span>}
                <p class="faint">{describe(model)}</p>
              </div>
              {!model.used && (
                <button type="button" disabled={busy} onClick={() => use(model.name)}>
                  {model.cached ? 'Use' : 'Get'}
                  <span class="visually-hidden"> {model.name}</span>
                </button>
              )}
              {!model.used && model.cached && model.id !== 'toybox' && (
                <button type="button" class="danger" disabled={busy} onClick={() => remove(model.name)}>
                  Remove<span class="visually-hidden"> {model.name}</span>
                </button>
              )}
            </li>
          ))}
      </ul>
    </section>
  );
}

function describe({ megabytes, licence, nonCommercial, languages, use, cached, id }: Model): string {
  return [
    use,
    languages === null ? '' : languages === 'many' ? 'many languages' : 'English',
    id === 'toybox'
      ? 'ships with polar'
      : `${megabytes.toLocaleString('en')} MB${cached ? ', here already' : ''}`,
    licence === null ? '' : `licence ${licence}`,
    nonCommercial ? 'not for commercial use' : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
