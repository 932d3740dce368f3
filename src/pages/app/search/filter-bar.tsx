import { useState } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { fill, say } from '../../words/say.ts';
import { go, place } from '../place.ts';
import { state } from '../store.ts';

/** Narrows the photos down: by their days, their folder, and what they should not show. */
export function FilterBar() {
  const { from, to, folder, without } = place.value;
  const [text, setText] = useState('');
  const isSet = from !== '' || to !== '' || folder !== '' || without.length > 0;
  const add = () => {
    const trimmed = text.trim();
    if (trimmed !== '' && !without.includes(trimmed)) go({ without: [...without, trimmed] });
    setText('');
  };
  return (
    <>
      {without.map((one) => (
        <span key={one} class="like">
          {fill('filter.without.chip', { text: <bdi>{one}</bdi> })}
          <button
            type="button"
            class="bare"
            aria-label={say('filter.without.forget', { text: one })}
            onClick={() => go({ without: without.filter((other) => other !== one) })}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      <details class="filter" open={isSet}>
        <summary>{say('filter.title')}</summary>
        <div class="fields">
          <label>
            {say('filter.from')}
            <input
              type="date"
              value={from}
              max={to}
              onChange={(event) => go({ from: event.currentTarget.value })}
            />
          </label>
          <label>
            {say('filter.to')}
            <input
              type="date"
              value={to}
              min={from}
              onChange={(event) => go({ to: event.currentTarget.value })}
            />
          </label>
          <label>
            {say('filter.folder')}
            <select value={folder} onChange={(event) => go({ folder: event.currentTarget.value })}>
              <option value="">{say('filter.all-folders')}</option>
              {state.value?.folders.map((path) => (
                <option key={path} value={path} dir="ltr">
                  {path}
                </option>
              ))}
            </select>
          </label>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              add();
            }}
          >
            <label>
              {say('filter.without')}
              <input
                value={text}
                maxLength={200}
                dir="auto"
                placeholder={say('filter.without.example')}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </label>
          </form>
          {isSet && (
            <button type="button" onClick={() => go({ from: '', to: '', folder: '', without: [] })}>
              {say('filter.clear')}
            </button>
          )}
        </div>
      </details>
    </>
  );
}
