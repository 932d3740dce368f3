import { TOYBOX } from '../../clip/hub/names.ts';
import { say } from '../words/say.ts';

/** What a person asks of a model before fetching it. */
export interface ModelFacts {
  readonly id: string;
  readonly megabytes: number;
  readonly licence: string | null;
  readonly nonCommercial: boolean;
  readonly languages: 'English' | 'many' | null;
  readonly cached: boolean;
}

/** "many languages · 1,501 MB · licence apache-2.0". */
export function wordsOfModel({
  id,
  megabytes,
  licence,
  nonCommercial,
  languages,
  cached,
}: ModelFacts): string {
  return [
    languages === null ? '' : say(languages === 'many' ? 'models.many' : 'models.english'),
    id === TOYBOX ? say('models.ships') : say(cached ? 'models.cached' : 'models.megabytes', { megabytes }),
    licence === null ? '' : say('models.licence', { licence }),
    nonCommercial ? say('models.non-commercial') : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
