import { language } from '../words/language.ts';
import type { Key } from '../words/message.ts';
import { say } from '../words/say.ts';

/** The kinds of trouble that the page has words for. */
export type TroubleCode = { [K in Key]: K extends `error.${infer Code}` ? Code : never }[Key];

/** What went wrong. */
export interface Trouble {
  /** In one line: in the page's language where there is no code, else in English. */
  readonly text: string;
  /** Its kind, where polar has refused something. */
  readonly code?: TroubleCode | undefined;
}

/**
 * What went wrong, for a person. Lines of polar name files and remedies, and are English everywhere; in another language
 * their kind stands in front of them.
 */
export function TroubleWords({ trouble }: { readonly trouble: Trouble | undefined }) {
  if (trouble === undefined) return null;
  const { text, code } = trouble;
  if (code === undefined) return <span dir="auto">{text}</span>;
  return (
    <span>
      {language.value !== 'en' && `${say(`error.${code}`)} `}
      <English text={text} />
    </span>
  );
}

/** A sentence of polar itself, which is English whatever the page's language is. */
export function English({ text }: { readonly text: string }) {
  return (
    <span lang="en" dir="ltr">
      {text}
    </span>
  );
}
