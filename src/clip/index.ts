// What the method builds on; nothing here needs Node, so that it runs in a browser too (load-clip.ts opens files).
export { type ClipParts, createClip, type FrozenClip, type GraphWriter } from './clip.ts';
export type { Activation, ClipConfig, FamilyName } from './config.ts';
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
