import { Icon } from '../../ui/icon.tsx';
import { LanguageSelect } from '../../ui/language-select.tsx';
import { say } from '../../words/say.ts';
import { attempt, isAdding, state } from '../store.ts';
import { isBusy, startJob } from './job.ts';
import { LeftOut } from './left-out.tsx';
import { ModelBanner } from './model-banner.tsx';

/** The first start: nothing is there yet. */
export function Welcome() {
  return (
    <section class="welcome">
      <h1>{say('welcome.title')}</h1>
      <ol class="steps">
        <li>
          <Icon name="folder" />
          <strong>{say('welcome.folder')}</strong>
          <span>{say('welcome.folder.more')}</span>
        </li>
        <li>
          <Icon name="teach" />
          <strong>{say('welcome.teach')}</strong>
          <span>{say('welcome.teach.more')}</span>
        </li>
        <li>
          <Icon name="search" />
          <strong>{say('welcome.ask')}</strong>
          <span>{say('welcome.ask.more')}</span>
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
          {say('welcome.add')}
        </button>
        {state.value!.hasToybox && (
          <button
            type="button"
            disabled={isBusy.value}
            onClick={() => attempt(() => startJob({ toybox: true }))}
          >
            <Icon name="teach" />
            {say('welcome.toybox')}
          </button>
        )}
      </div>
      <p class="faint">{say('welcome.toybox.more')}</p>
      <ModelBanner />
      <LeftOut />
      <LanguageSelect />
    </section>
  );
}
