import type { Message } from '../../messages.ts';
import { language } from '../words/language.ts';
import { translate } from '../words/say.ts';

/** A sentence of polar itself: in the page's language where it has one for it, else in English. */
export function Told({ message }: { readonly message: Message }) {
  if (message.code === null || language.value === 'en') return <English text={message.text} />;
  return <span dir="auto">{translate(message)}</span>;
}

/** A sentence that is English whatever the page's language is. */
export function English({ text }: { readonly text: string }) {
  return (
    <span lang="en" dir="ltr">
      {text}
    </span>
  );
}
