import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';

const MAX_NAME_LENGTH = 60;

/**
 * Checks the name of a concept to be saved.
 *
 * @throws PolarError for a name that could not be found again in a sentence
 */
export function checkConceptName(name: string): void {
  if (
    name.length > MAX_NAME_LENGTH ||
    !/^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} .'\u2018\u2019\u02bc_\u2010-\u2013-]*[\p{L}\p{M}\p{N}])?$/u.test(name)
  ) {
    throw new PolarError(tell('concept.name', { name: JSON.stringify(name), most: MAX_NAME_LENGTH }));
  }
}

/** A name that another concept has. */
export const nameTaken = (name: string): PolarError =>
  new PolarError(tell('concept.taken', { name }), 'exists');
