import { type Message, readMessage } from '../../messages.ts';
import { language } from '../words/language.ts';
import type { Key } from '../words/message.ts';
import { say } from '../words/say.ts';
import { English, Told } from './told.tsx';

/** The kinds of trouble that the page has words for. */
export type TroubleCode = { [K in Key]: K extends `error.${infer Code}` ? Code : never }[Key];

/** What went wrong. */
export interface Trouble {
  /** In one line: in the page's language where there is no code, else in English. */
  readonly text: string;
  /** Its kind, where polar has refused something. */
  readonly code?: TroubleCode | undefined;
  /** The same, to be said in another language, where polar has said it. */
  readonly message?: Message | undefined;
}

/**
 * What went wrong, for a person. In another language than English: the sentence itself where the page has words for it,
 * with the English one under "Details"; else its kind, and the English sentence.
 */
export function TroubleWords({ trouble }: { readonly trouble: Trouble | undefined }) {
  if (trouble === undefined) return null;
  const { text, code, message = readMessage(text) } = trouble;
  if (code === undefined && message.code === null) return <span dir="auto">{text}</span>;
  if (language.value === 'en') return <English text={text} />;
  if (message.code === null) {
    return (
      <span>
        {code !== undefined && `${say(`error.${code}`)} `}
        <English text={text} />
      </span>
    );
  }
  return (
    <span>
      <Told message={message} />
      <details>
        <summary>{say('details')}</summary>
        <English text={text} />
      </details>
    </span>
  );
}
