import { PolarError } from '../errors.ts';
import type { PythonRandom } from './random/python.ts';

/** The 13 templates of PALAVRA (Cohen et al., ECCV 2022); `*` stands for the concept's identifier. */
export const PROMPT_TEMPLATES = [
  'This is a photo of *',
  'This photo contains *',
  'A *',
  'A photo of *',
  'An image of *',
  'This is *',
  'An image showing *',
  '* is shown in this image',
  '* can be seen in this picture',
  'A * is visible in this photo',
  'This photo shows *',
  'We can see * in this scene',
  'A scene containing *',
] as const;

/**
 * Training prompts for `count` images: templates drawn without replacement, with the identifier in place.
 *
 * @throws PolarError when there are more images than templates
 */
export function samplePrompts(count: number, identifier: string, random: PythonRandom): string[] {
  if (count > PROMPT_TEMPLATES.length) {
    throw new PolarError(
      `${count} training images, but there are ${PROMPT_TEMPLATES.length} prompts to pair them with; use at most ${PROMPT_TEMPLATES.length}`,
    );
  }
  return random.sample(PROMPT_TEMPLATES, count).map((template) => template.replace('*', () => identifier));
}
