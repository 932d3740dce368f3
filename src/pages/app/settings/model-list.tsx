import { useEffect, useState } from 'preact/hooks';
import { wordsOfModel } from '../../ui/model-facts.ts';
import { ModelName } from '../../ui/path.tsx';
import { troubleOf } from '../../ui/refusal.ts';
import { Told } from '../../ui/told.tsx';
import { type Trouble, TroubleWords } from '../../ui/trouble.tsx';
import { say } from '../../words/say.ts';
import { ask, type Model, server } from '../api.ts';
import { isBusy, startJob } from '../library/job.ts';
import { isChoosing, state } from '../store.ts';

/** The models: chosen, fetched and removed here. */
export function ModelList() {
  const [models, setModels] = useState<readonly Model[]>([]);
  const [trouble, setTrouble] = useState<Trouble>();
  const used = state.value?.model;
  const busy = isBusy.value;
  const tryTo = async (work: () => Promise<void>) => {
    setTrouble(undefined);
    await work().catch((error: unknown) => setTrouble(troubleOf(error)));
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
      <h3 id="models">{say('models.title')}</h3>
      <p class="faint">{say('models.more')}</p>
      <div class="problem" role="alert">
        <TroubleWords trouble={trouble} />
      </div>
      <ul class="models">
        {[...models]
          .sort((a, b) => Number(b.used) - Number(a.used))
          .map((model) => (
            <li key={model.name} class={model.used ? 'used' : ''}>
              <div>
                <strong>
                  <ModelName name={model.name} />
                </strong>{' '}
                {model.used && <span class="badge">{say('models.used')}</span>}{' '}
                {model.recommended && <span class="badge">{say('models.recommended')}</span>}
                <p class="faint">
                  {model.use.text !== '' && (
                    <>
                      <Told message={model.use} /> ·{' '}
                    </>
                  )}
                  {wordsOfModel(model)}
                </p>
              </div>
              {!model.used && (
                <button
                  type="button"
                  disabled={busy}
                  aria-label={say(model.cached ? 'models.use' : 'models.get', { name: model.name })}
                  onClick={() => use(model.name)}
                >
                  {say(model.cached ? 'models.use.short' : 'models.get.short')}
                </button>
              )}
              {!model.used && model.cached && model.id !== 'toybox' && (
                <button
                  type="button"
                  class="danger"
                  disabled={busy}
                  aria-label={say('models.remove', { name: model.name })}
                  onClick={() => remove(model.name)}
                >
                  {say('models.remove.short')}
                </button>
              )}
            </li>
          ))}
      </ul>
    </section>
  );
}
