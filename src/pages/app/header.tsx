import { Icon } from '../ui/icon.tsx';
import { say } from '../words/say.ts';
import { goHome } from './place.ts';
import { SearchField } from './search/search-field.tsx';
import { isAdding, isChoosing, state } from './store.ts';
import { isTeaching, resumeTeaching } from './teach/teaching.ts';

/** The name of the app, the search, and the two things to do. */
export function Header() {
  const settings = say('header.settings', { model: state.value?.model ?? '' });
  const hasPhotos = (state.value?.photos ?? 0) > 0;
  return (
    <header>
      <button type="button" class="bare brand" aria-label={say('header.home')} onClick={goHome}>
        <img src="/icon.svg" alt="" />
        <span>POLAR</span>
      </button>
      {hasPhotos && <SearchField />}
      <button
        type="button"
        class="wide"
        aria-label={say('shelf.teach')}
        aria-expanded={isTeaching.value}
        onClick={resumeTeaching}
      >
        <Icon name="teach" />
        <span>{say('header.teach')}</span>
      </button>
      <button
        type="button"
        class="wide"
        aria-label={say('header.add')}
        aria-haspopup="dialog"
        onClick={() => {
          isAdding.value = true;
        }}
      >
        <Icon name="folder" />
        <span>{say('header.add')}</span>
      </button>
      <button
        type="button"
        class="bare"
        aria-label={settings}
        aria-haspopup="dialog"
        title={settings}
        onClick={() => {
          isChoosing.value = true;
        }}
      >
        <Icon name="settings" />
      </button>
    </header>
  );
}
