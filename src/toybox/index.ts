/**
 * The drawn world that the tests and the first steps use.
 *
 * @module polar-vl/toybox
 */
export { makeConConChi } from './make-conconchi.ts';
export { makeDeepFashion2 } from './make-deepfashion2.ts';
export { makeToyboxPhotos, readToyboxPhotos, type ToyboxPhoto, type ToyboxPhotos } from './make-photos.ts';
export { PERSONAL_CLOTHES, PERSONAL_THINGS, type PersonalThing } from './personal.ts';
export type { MakeOptions } from './scene-set.ts';
