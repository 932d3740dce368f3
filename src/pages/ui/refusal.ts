import type { Message } from '../../messages.ts';
import type { Trouble, TroubleCode } from './trouble.tsx';

/** Something that polar has not done, in its own words. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: TroubleCode | undefined;

  /** The same, to be said in another language. */
  readonly said: Message | undefined;

  constructor(message: string, code: TroubleCode | undefined, said?: Message) {
    super(message);
    this.code = code;
    this.said = said;
  }
}

/** An error as a page shows it. */
export const troubleOf = (error: unknown): Trouble => ({
  text: error instanceof Error ? error.message : String(error),
  code: error instanceof Refusal ? error.code : undefined,
  message: error instanceof Refusal ? error.said : undefined,
});
