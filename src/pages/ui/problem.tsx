import { problem } from '../app/store.ts';
import { say } from '../words/say.ts';
import { Icon } from './icon.tsx';
import { TroubleWords } from './trouble.tsx';

/** An error, in words. */
export function Problem() {
  return (
    <div role="alert">
      {problem.value !== undefined && (
        <p class="problem shown">
          <TroubleWords trouble={problem.value} />
          <button
            type="button"
            class="bare"
            aria-label={say('close.message')}
            onClick={() => {
              problem.value = undefined;
            }}
          >
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}
