import { Icon } from '../../ui/icon.tsx';
import { attempt, isAdding, state } from '../store.ts';
import { isBusy, startJob } from './job.ts';
import { LeftOut } from './left-out.tsx';
import { ModelBanner } from './model-banner.tsx';

/** The first start: nothing is there yet. */
export function Welcome() {
  return (
    <section class="welcome">
      <h1>Find your own things in your own photos</h1>
      <ol class="steps">
        <li>
          <Icon name="folder" />
          <strong>Choose a folder</strong>
          <span>Your photos are read once and stay where they are, on this computer.</span>
        </li>
        <li>
          <Icon name="teach" />
          <strong>Teach it a thing</strong>
          <span>About five photos of your dog, your cup or your bicycle, and a name.</span>
        </li>
        <li>
          <Icon name="search" />
          <strong>Ask for it</strong>
          <span>“Rex in the snow”: the photos that show it come first.</span>
        </li>
      </ol>
      <div class="choices">
        <button
          type="button"
          class="main"
          disabled={isBusy.value}
          onClick={() => {
            isAdding.value = true;
          }}
        >
          <Icon name="folder" />
          Add a folder of photos
        </button>
        {state.value!.hasToybox && (
          <button
            type="button"
            disabled={isBusy.value}
            onClick={() => attempt(() => startJob({ toybox: true }))}
          >
            <Icon name="teach" />
            Play with the Toybox
          </button>
        )}
      </div>
      <p class="faint">
        The Toybox is a library of drawn photos with three things to teach: Rex, Mimi and Bolt.
      </p>
      <ModelBanner />
      <LeftOut />
    </section>
  );
}
