import { Icon } from '../../ui/icon.tsx';
import { LanguageSelect } from '../../ui/language-select.tsx';
import { say } from '../../words/say.ts';
import { attempt, isAdding, state } from '../store.ts';
import { isBusy, startJob } from './job.ts';
import { LeftOut } from './left-out.tsx';
import { ModelBanner } from './model-banner.tsx';

const TOYBOX = ['Rex', 'Mimi', 'Bolt'];

/** The first start: nothing is there yet. */
export function Welcome() {
  return (
    <section class="welcome">
      <h1>{say('welcome.title')}</h1>
      <ol class="steps">
        <li>
          <img src="/welcome-folder.webp" alt="" width="376" height="248" />
          <strong>{say('welcome.folder')}</strong>
          <span>{say('welcome.folder.more')}</span>
        </li>
        <li>
          <img src="/welcome-teach.webp" alt="" width="376" height="248" />
          <strong>{say('welcome.teach')}</strong>
          <span>{say('welcome.teach.more')}</span>
        </li>
        <li>
          <img src="/welcome-ask.webp" alt="" width="376" height="248" />
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
      {state.value!.hasToybox && (
        <figure class="toybox">
          <ul>
            {TOYBOX.map((name) => (
              <li key={name}>
                <img src={`/toybox-${name.toLowerCase()}.webp`} alt="" width="120" height="120" />
                {name}
              </li>
            ))}
          </ul>
          <figcaption class="faint">{say('welcome.toybox.more')}</figcaption>
        </figure>
      )}
      <ModelBanner />
      <LeftOut />
      <LanguageSelect />
    </section>
  );
}
