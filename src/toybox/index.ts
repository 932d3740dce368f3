// The Toybox world as it is offered to programs and to the command line.
export { makeConConChi } from './make-conconchi.ts';
export { makeDeepFashion2 } from './make-deepfashion2.ts';
export { makeToyboxPhotos, type ToyboxPhotos } from './make-photos.ts';
export { PERSONAL_CLOTHES, PERSONAL_THINGS, type PersonalThing } from './personal.ts';
export type { MakeOptions } from './scene-set.ts';
