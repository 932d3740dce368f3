import { useState } from 'preact/hooks';
import { SHORT_NAMES, TOYBOX } from '../../clip/hub/names.ts';
import { isNonCommercial, RECOMMENDED_MODELS } from '../../clip/hub/recommended.ts';
import { readMessage } from '../../messages.ts';
import { wordsOfModel } from '../ui/model-facts.ts';
import { ModelName } from '../ui/path.tsx';
import { Told } from '../ui/told.tsx';
import { say } from '../words/say.ts';

// WebAssembly has 4 GB, and weights lie there beside the graph that is made of them.
const MOST_MEGABYTES = 2000;
const FITTING = RECOMMENDED_MODELS.filter(({ megabytes }) => megabytes <= MOST_MEGABYTES);
const TOYBOX_FACTS = { id: TOYBOX, megabytes: 0, licence: null, nonCommercial: false, languages: null };

interface Props {
  readonly hasToybox: boolean;
  /** Repository of the model in use, or `toybox`. */
  readonly used: string | undefined;
  readonly busy: boolean;
  readonly onLoad: (name: string) => void;
}

/** The models that a visitor can choose: those that are worth it, and any other by its name. */
export function ModelList({ hasToybox, used, busy, onLoad }: Props) {
  const [name, setName] = useState('');
  const models = [
    ...(hasToybox ? [{ ...TOYBOX_FACTS, name: TOYBOX, use: '' }] : []),
    ...FITTING.map((model) => ({ ...model, nonCommercial: isNonCommercial(model.licence) })),
  ];
  return (
    <>
      <p class="faint">{say('page.models.more')}</p>
      <ul class="models">
        {models.map((model) => (
          <li key={model.id} class={model.id === used ? 'used' : ''}>
            <div>
              <strong>
                <ModelName name={model.name} />
              </strong>{' '}
              {model.id === used && <span class="badge">{say('models.used')}</span>}
              <p class="faint">
                {model.use !== '' && (
                  <>
                    <Told message={readMessage(model.use)} /> ·{' '}
                  </>
                )}
                {wordsOfModel({ ...model, cached: false })}
              </p>
            </div>
            {model.id !== used && (
              <button
                type="button"
                disabled={busy}
                aria-label={say('models.use', { name: model.name })}
                onClick={() => onLoad(model.name)}
              >
                {say('models.use.short')}
              </button>
            )}
          </li>
        ))}
      </ul>
      <form
        class="path"
        onSubmit={(event) => {
          event.preventDefault();
          onLoad(name.trim());
        }}
      >
        <label>
          {say('page.models.other')}
          <input
            list="models"
            value={name}
            required
            dir="ltr"
            placeholder="org/name"
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <datalist id="models">
          {Object.keys(SHORT_NAMES).map((short) => (
            <option key={short} value={short} />
          ))}
        </datalist>
        <button type="submit" disabled={busy}>
          {say('page.load')}
        </button>
      </form>
    </>
  );
}
