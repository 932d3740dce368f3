import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { ja } from './ja.ts';
import type { Words } from './message.ts';
import { zh } from './zh.ts';

/** The languages of the pages, by the code that the browser calls them. */
export const WORDS = { en, de, fr, es, zh, ja } as const satisfies Readonly<Record<string, Words>>;
export type Language = keyof typeof WORDS;

/** The languages' own names. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  zh: '简体中文',
  ja: '日本語',
};
