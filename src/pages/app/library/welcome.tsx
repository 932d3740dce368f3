import { Icon } from '../../ui/icon.tsx';
import { attempt, isAdding, state } from '../store.ts';
import { isBusy, startJob } from './job.ts';
import { LeftOut } from './left-out.tsx';

/** The first start: nothing is there yet. */
export function Welcome() {
  return (
    <section class="welcome">
      <h1>Find your own things in your own photos</h1>
      <p>
        Show it about five photos of your dog, your cup or your bicycle. A second later you can ask for it by
        name: “Rex in the snow”. Everything happens on this computer.
      </p>
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
      <LeftOut />
    </section>
  );
}
