import { say } from '../../words/say.ts';
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
        {say('name')}
        <input
          dir="auto"
          value={name.value}
          required
          maxLength={60}
          placeholder={say('learn.example')}
          autocomplete="off"
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </label>
      <label>
        {say('what-it-is')}
        <input
          dir="auto"
          value={className.value}
          maxLength={60}
          placeholder={say('learn.class.example')}
          autocomplete="off"
          onInput={(event) => {
            className.value = event.currentTarget.value;
          }}
        />
      </label>
      {known !== undefined && !isLearning.value && (
        <fieldset>
          <legend>{say('learn.known', { name: known.name, count: known.photos })}</legend>
          <label>
            <input
              type="radio"
              name="mode"
              checked={mode.value === 'add'}
              onChange={() => {
                mode.value = 'add';
              }}
            />
            {say('learn.add')}
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
            {say('learn.replace')}
          </label>
          {mode.value === undefined && <p class="faint">{say('learn.choose')}</p>}
        </fieldset>
      )}
      {isLearning.value ? (
        <button type="button" onClick={stopLearning}>
          {say('stop')}
        </button>
      ) : (
        <button
          type="submit"
          class="main"
          disabled={number === 0 || (known !== undefined && mode.value === undefined)}
        >
          {number === 0 ? say('learn.learn') : say('learn.from', { count: number })}
        </button>
      )}
    </form>
  );
}
