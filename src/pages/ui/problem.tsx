import { problem } from '../app/store.ts';
import { Icon } from './icon.tsx';

/** An error, in words. */
export function Problem() {
  return (
    <div role="alert">
      {problem.value !== '' && (
        <p class="problem shown">
          {problem.value}
          <button
            type="button"
            class="bare"
            aria-label="Close the message"
            onClick={() => {
              problem.value = '';
            }}
          >
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}
