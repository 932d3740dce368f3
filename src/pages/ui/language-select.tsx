import { changeLanguage, language } from '../words/language.ts';
import { say } from '../words/say.ts';
import { LANGUAGE_NAMES, type Language } from '../words/words.ts';

/** Chooses the language of the page's own words. */
export function LanguageSelect() {
  return (
    <label class="language">
      {say('language')}
      <select
        value={language.value}
        onChange={(event) => changeLanguage(event.currentTarget.value as Language)}
      >
        {(Object.keys(LANGUAGE_NAMES) as Language[]).map((code) => (
          <option key={code} value={code} lang={code}>
            {LANGUAGE_NAMES[code]}
          </option>
        ))}
      </select>
    </label>
  );
}
