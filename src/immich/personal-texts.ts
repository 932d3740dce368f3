import { cleaningOf, cleanText, collapseWhiteSpace } from '../clip/clean-text.ts';
import { PolarError } from '../errors.ts';
import { matrixOf, normalizeRows } from '../matrix.ts';
import type { Clip } from '../node/load-clip.ts';
import type { ModelLocation } from '../node/local-model.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { encodeSentence, type PersonalSentence, personalSentence } from '../polar/query/sentence.ts';
import { answeredPath } from './answered-path.ts';
import type { LiveConcepts } from './live-concepts.ts';
import { shortName } from './models.ts';
import type { ModelsAtHand } from './models-at-hand.ts';
import type { TextRequest } from './text-request.ts';

/** What personal texts are answered with. */
export interface PersonalTextsOptions {
  readonly concepts: LiveConcepts;
  readonly models: ModelsAtHand;
  /** Answer every text of a model at hand, also those that name nothing. */
  readonly all: boolean;
  readonly log: (line: string) => void;
}

/** Embeds the texts that name a learnt thing. */
export class PersonalTexts {
  readonly #options: PersonalTextsOptions;
  #last: Promise<unknown> = Promise.resolve();
  #known: readonly Concept[] = [];
  readonly #answered = new Set<string>();

  constructor(options: PersonalTextsOptions) {
    this.#options = options;
  }

  /**
   * The embedding `[P]` of a text, unit norm, in the exact form.
   *
   * @param signal aborted when nobody waits for the answer any more
   * @returns undefined for a text that is the original's to answer: it names nothing, or its model is not at hand
   */
  async answer({ modelName, text }: TextRequest, signal: AbortSignal): Promise<Float32Array | undefined> {
    const { concepts, models, all, log } = this.#options;
    const known = await concepts.list();
    if (known !== this.#known) this.#answered.clear();
    this.#known = known;
    const whole = collapseWhiteSpace(text);
    const named = personalSentence(whole, known).concepts;
    if (whole === '' || (named.length === 0 && !all)) return undefined;
    const location = await models.find(modelName);
    if (location === undefined) return undefined;
    const sentence = personalSentence(whole, known.filter(isLearntWith(location)));
    for (const concept of named) this.#sayOtherModel(concept, location, modelName);
    if (sentence.concepts.length === 0 && !all) return undefined;
    try {
      return await this.#inTurn(async () => {
        if (signal.aborted) return undefined;
        const clip = await models.open(modelName, location);
        if (clip === undefined) return undefined;
        // After the names were found: a name may hold what is removed, as in "Mr. B".
        const cleaned = cleanText(sentence.text, cleaningOf(clip.config.family));
        const embedding = await encodeSentence(clip, shorten(clip, { ...sentence, text: cleaned }));
        this.#remember(text);
        return normalizeRows(matrixOf(embedding, clip.dimension)).data;
      });
    } catch (error) {
      if (!(error instanceof PolarError)) throw error;
      log(`passed a text on: ${error.message}`);
      return undefined;
    }
  }

  /** Whether a text was answered with the things as they are now; `path` is its `answeredPath`. */
  hasAnswered(path: string): boolean {
    return this.#answered.has(path);
  }

  #remember(text: string): void {
    this.#answered.add(answeredPath(text));
    for (const oldest of this.#answered)
      if (this.#answered.size > MOST_ANSWERED) this.#answered.delete(oldest);
  }

  /** One after the other: each uses all cores, and a hundred at once need the memory of one. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #sayOtherModel(concept: Concept, location: ModelLocation, modelName: string): void {
    if (isLearntWith(location)(concept)) return;
    const { models } = this.#options;
    models.sayOnce(
      `${concept.name} with ${shortName(modelName)}`,
      `"${concept.name}" was learnt with ${concept.modelId}, immich uses ${location.id}; learn it again: polar learn "${concept.name}" <photos> --force --model ${location.id}`,
    );
  }

  /** Waits for the texts that are being embedded. */
  async close(): Promise<void> {
    await this.#last;
  }
}

// Ten times what immich keeps.
const MOST_ANSWERED = 1000;

const isLearntWith =
  ({ id, revision }: ModelLocation) =>
  (concept: Concept): boolean =>
    concept.modelId === id && concept.revision === revision;

/** A text over the model's context loses its last words, as immich cuts it; CLIP's own tokeniser would refuse it. */
function shorten(clip: Clip, sentence: PersonalSentence): PersonalSentence {
  const fits = (text: string): boolean => {
    try {
      return clip.tokenize([text]).length > 0;
    } catch {
      return false;
    }
  };
  if (fits(sentence.text)) return sentence;
  const words = sentence.text.split(' ');
  let [low, high] = [0, words.length]; // the longest that fits has at least `low` words and fewer than `high`
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(words.slice(0, middle).join(' '))) low = middle;
    else high = middle;
  }
  return { ...sentence, text: words.slice(0, low).join(' ') };
}
