import { ElementType, GraphBuilder } from '../clip/index.ts';
import { loadEngine } from './native-module.ts';

// The MLP of a ViT-B over the tokens of some pictures: large enough to keep all cores busy, small enough to take
// milliseconds.
const [ROWS, WIDTH, HIDDEN] = [256, 768, 3072];
const MEASURED_MS = 150;

/**
 * How many floating-point operations of an image tower this machine does in a second, from a matrix product that is
 * measured for a moment. Towers of ViT-B/32's and L/14's size reach 1.1 and 1.5 times that (bench/model-choice.ts); decoding the
 * photos comes on top. Good to a factor of two, which is what a choice between models needs.
 */
export async function measureSpeed(): Promise<number> {
  const { InferenceSession, Tensor } = await loadEngine();
  const graph = new GraphBuilder();
  const a = graph.input('a', ElementType.float, [ROWS, WIDTH]);
  const b = graph.input('b', ElementType.float, [WIDTH, HIDDEN]);
  graph.output('c', graph.matmul(a, b), [ROWS, HIDDEN]);
  const session = await InferenceSession.create(graph.build('speed'), { logSeverityLevel: 3 });
  try {
    const feeds = {
      a: new Tensor('float32', new Float32Array(ROWS * WIDTH).fill(0.5), [ROWS, WIDTH]),
      b: new Tensor('float32', new Float32Array(WIDTH * HIDDEN).fill(0.5), [WIDTH, HIDDEN]),
    };
    await session.run(feeds); // the first one allocates
    const started = performance.now();
    let runs = 0;
    do {
      await session.run(feeds);
      runs++;
    } while (performance.now() - started < MEASURED_MS);
    const seconds = (performance.now() - started) / 1000;
    return (runs * 2 * ROWS * WIDTH * HIDDEN) / seconds;
  } finally {
    await session.release();
  }
}
