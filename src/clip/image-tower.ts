import type { ClipConfig } from './config.ts';
import { imageWeights } from './cost.ts';
import type { GraphSession } from './graphs/graph-session.ts';

// Copying a tower's weights into the layout that matrix products like best takes a second at ViT-L/14's size, and saves
// 4 to 8 % of a picture's time: it is paid back after some twenty pictures.
const FEW_PICTURES = 16;
// Bytes of weights that are copied in a moment: there is nothing to save then.
const SMALL_TOWER = 2 ** 28;

/** A session that runs until nobody needs it. */
interface OpenTower {
  readonly isPrepacked: boolean;
  readonly session: Promise<GraphSession>;
  users: number;
}

/**
 * The image tower, opened as suits the number of pictures: for few of them with its weights as they are stored, which
 * takes a moment; for many with prepacked weights, which then stay. Both give the same embeddings to six digits; with
 * prepacked weights, to the bit whatever the batch and the number of threads.
 */
export class ImageTower {
  readonly #open: (isPrepacked: boolean) => Promise<GraphSession>;
  readonly #isSmall: boolean;
  #current: OpenTower | undefined;
  #pictures = 0;

  #isOnGpu = false;

  /**
   * @param open loads the graph
   * @param prefersGpu whether it runs on a GPU, where the layout of weights makes no difference
   */
  constructor(config: ClipConfig, open: (isPrepacked: boolean) => Promise<GraphSession>, prefersGpu = false) {
    this.#open = open;
    this.#isSmall = prefersGpu || 4 * imageWeights(config) < SMALL_TOWER;
  }

  /**
   * Embeddings of pictures, bytes or floats as the graph takes them.
   *
   * @param expected pictures of this piece of work, these among them
   */
  async run(
    pixels: Uint8Array | Float32Array,
    dims: readonly number[],
    expected: number,
  ): Promise<Float32Array> {
    const [count] = dims as [number];
    this.#pictures += count;
    const tower = this.#towerFor(Math.max(expected, this.#pictures));
    tower.users++;
    try {
      const session = await tower.session;
      const { embedding } = await session.run({ pixels: { data: pixels, dims } }, { expected });
      this.#isOnGpu = session.isOnGpu?.() ?? false;
      return embedding!;
    } finally {
      tower.users--;
      if (tower !== this.#current) await releaseIdle(tower);
    }
  }

  /** Whether the last pictures went through a GPU. */
  get isOnGpu(): boolean {
    return this.#isOnGpu;
  }

  #towerFor(pictures: number): OpenTower {
    const isPrepacked = this.#isSmall || pictures > FEW_PICTURES;
    const old = this.#current;
    if (old !== undefined && (old.isPrepacked || !isPrepacked)) return old;
    this.#current = { isPrepacked, session: this.#open(isPrepacked), users: 0 };
    if (old !== undefined) void releaseIdle(old);
    return this.#current;
  }

  /** Frees the engine's memory; runs that were begun fail or end before. */
  async close(): Promise<void> {
    const open = this.#current;
    this.#current = undefined;
    await open?.session.then((session) => session.release()).catch(() => {});
  }
}

async function releaseIdle({ users, session }: OpenTower): Promise<void> {
  if (users === 0) await session.then((opened) => opened.release()).catch(() => {});
}
