import { count } from '../store.ts';
import { className, examples, isLearning, learn, mode, name, namesake, stopLearning } from './teaching.ts';

/** Name and class of what is to be learnt. */
export function LearnForm() {
  const known = namesake.value;
  const number = examples.value.length;
  return (
    <form
      class="learn"
      onSubmit={(event) => {
        event.preventDefault();
        void learn();
      }}
    >
      <label>
        Name
        <input
          value={name.value}
          required
          maxLength={60}
          placeholder="Rex"
          autocomplete="off"
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </label>
      <label>
        What it is
        <input
          value={className.value}
          maxLength={60}
          placeholder="dog"
          autocomplete="off"
          onInput={(event) => {
            className.value = event.currentTarget.value;
          }}
        />
      </label>
      {known !== undefined && !isLearning.value && (
        <fieldset>
          <legend>
            {known.name} is known, from {count(known.photos, 'photo')}
          </legend>
          <label>
            <input
              type="radio"
              name="mode"
              checked={mode.value === 'add'}
              onChange={() => {
                mode.value = 'add';
              }}
            />
            Add these photos to them
          </label>
          <label>
            <input
              type="radio"
              name="mode"
              checked={mode.value === 'replace'}
              onChange={() => {
                mode.value = 'replace';
              }}
            />
            Learn anew from these alone
          </label>
          {mode.value === undefined && <p class="faint">Choose one, or give it another name.</p>}
        </fieldset>
      )}
      {isLearning.value ? (
        <button type="button" onClick={stopLearning}>
          Stop
        </button>
      ) : (
        <button
          type="submit"
          class="main"
          disabled={number === 0 || (known !== undefined && mode.value === undefined)}
        >
          {number === 0 ? 'Learn' : `Learn from ${count(number, 'photo')}`}
        </button>
      )}
    </form>
  );
}
