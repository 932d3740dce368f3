import { effect, signal } from '@preact/signals';
import { type Language, WORDS } from './words.ts';

const KEPT = 'polar.language';

/** The language of the page's own words. */
export const language = signal<Language>('en');

/** Locale of numbers and dates: the browser's own of the language, so that its region counts. */
export const locale = signal('en');

const isLanguage = (code: string): code is Language => Object.hasOwn(WORDS, code);
const baseOf = (tag: string): string => tag.toLowerCase().split('-')[0]!;

/**
 * The language to begin with.
 *
 * @param kept what was chosen before, of whatever text
 * @param wanted the browser's languages, best first
 */
export function chooseLanguage(kept: string | null, wanted: readonly string[]): Language {
  if (kept !== null && isLanguage(kept)) return kept;
  return wanted.map(baseOf).find(isLanguage) ?? 'en';
}

/** The locale of numbers and dates in a language. */
export const localeOf = (chosen: Language, wanted: readonly string[]): string =>
  wanted.find((tag) => baseOf(tag) === chosen && isTag(tag)) ?? chosen;

/** Where the system's locale is "C", Chromium says "en-US@posix", which it does not take itself. */
function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

/** Begins with the language that was chosen before, or the browser's, and says it to the page. */
export function startLanguage(): void {
  language.value = chooseLanguage(readKept(), navigator.languages);
  effect(() => {
    const chosen = language.value;
    locale.value = localeOf(chosen, navigator.languages);
    document.documentElement.lang = chosen === 'zh' ? 'zh-Hans' : chosen;
  });
}

/** Changes the language, and remembers it. */
export function changeLanguage(chosen: Language): void {
  language.value = chosen;
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // A browser that keeps nothing for pages asks again the next time.
  }
}

function readKept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
