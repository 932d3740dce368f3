/**
 * The frozen model, for people who extend the method: its graphs and layers, texts run through the tower once, updates.
 * Nothing here needs Node, so that it runs in a browser too.
 *
 * @module polar-vl/clip
 */
export { type Matrix, matrixOf, normalizeRows, rowOf } from '../matrix.ts';
export { type ClipParts, createClip, type FrozenClip, type GraphWriter } from './clip.ts';
export { type Activation, type ClipConfig, FAMILY_NAMES, type FamilyName } from './config.ts';
export { readClipConfig } from './families/describe.ts';
export {
  type AttentionRow,
  FORWARDS,
  type Forward,
  type FrozenTexts,
  selectTexts,
} from './frozen-texts.ts';
export { activationGradient } from './graphs/activation.ts';
export type { Feed, GraphSession } from './graphs/graph-session.ts';
export { type HeadValues, joinHeads, writeHead, writePersonalValue } from './graphs/head.ts';
export { Layers, type Weights } from './graphs/layers.ts';
export { ElementType, GraphBuilder } from './graphs/onnx.ts';
export { textLayer } from './graphs/text.ts';
export { SHORT_NAMES, TOYBOX } from './hub/names.ts';
export type { Box, DecodedImage } from './pixels/picture.ts';
export { cropToRgb, type PreprocessorConfig, preprocess } from './pixels/preprocess.ts';
export { composeUpdates, type Update } from './update.ts';
