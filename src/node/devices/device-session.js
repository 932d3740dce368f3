// Plain JavaScript, since it runs in a worker thread, where nothing translates TypeScript before a build.

/**
 * @typedef {typeof import('onnxruntime-node')} Ort
 * @typedef {import('onnxruntime-node').InferenceSession.SessionOptions} SessionOptions
 * @typedef {import('onnxruntime-node').InferenceSession} Session
 * @typedef {Readonly<Record<string, import('onnxruntime-node').Tensor>>} Tensors
 * @typedef {import('../../clip/clip.ts').GpuGraph} GpuGraph
 * @typedef {import('./device.ts').Device} Device
 */

/**
 * What a session is made of.
 *
 * @typedef {object} Plan
 * @property {Uint8Array} graph for the CPU
 * @property {GpuGraph | undefined} gpuGraph the same for a GPU; without it the graph stays on the CPU
 * @property {() => Promise<import('./gpu-check.js').Times>} timeProbe by which a GPU is known from a software adapter
 * @property {SessionOptions} options
 * @property {Device} device
 * @property {Int32Array} gpuUse one number that all threads share: 1 while one of them has the GPU
 * @property {(line: string) => void} onNote
 */

const MANY_ROWS = 300; // fewer are done before a GPU's programs are compiled and its weights uploaded
const MIN_GAIN = 1.5; // times as fast as the CPU
const MIN_COSINE = 0.9999; // of every row with that of the CPU: both live in one index

/** One graph that runs on the CPU or a GPU, chosen by measuring, and goes back to the CPU where the GPU fails. */
export class DeviceSession {
  /** @type {Ort} */ #ort;
  /** @type {Plan} */ #plan;
  /** @type {Session | undefined} */ #cpu;
  /** @type {Session | undefined} */ #gpu;
  /** @type {Promise<unknown>} trying the GPU, or falling back from it; runs wait for it */
  #change = Promise.resolve();
  #canTry = false;
  /** Least milliseconds that a row took on the CPU. */
  #cpuTime = Number.POSITIVE_INFINITY;

  /**
   * @param {Ort} ort
   * @param {Plan} plan
   */
  constructor(ort, plan) {
    this.#ort = ort;
    this.#plan = plan;
  }

  /** Loads the graph on the CPU, or on the GPU that is asked for by name. */
  async open() {
    const { device, gpuGraph } = this.#plan;
    if (gpuGraph === undefined || device === 'cpu' || device === 'auto') {
      this.#cpu = await this.#openCpu();
      this.#canTry = device === 'auto' && gpuGraph !== undefined && this.#isBuilt('webgpu');
      return;
    }
    if (!this.#isBuilt(device)) throw new Error('this ONNX Runtime is built without it');
    if (!this.#take()) {
      this.#note('the CPU: another model of this process uses the GPU');
      this.#cpu = await this.#openCpu();
      return;
    }
    try {
      this.#gpu = await this.#create(gpuGraph.graph, device);
    } finally {
      if (this.#gpu === undefined) this.#give();
    }
  }

  /** Whether it runs on a GPU now. */
  get isOnGpu() {
    return this.#gpu !== undefined;
  }

  /**
   * @param {Tensors} feeds
   * @param {number} rows that are run
   * @param {number} expected rows of all runs of this piece of work
   * @returns {Promise<Tensors>}
   */
  async run(feeds, rows, expected) {
    await this.#change;
    const gpu = this.#gpu;
    if (gpu !== undefined) {
      try {
        return requireFinite(await gpu.run(feeds));
      } catch (error) {
        if (this.#gpu === gpu) {
          this.#gpu = undefined;
          this.#change = this.#fallBack(gpu, error);
        }
        await this.#change;
      }
    }
    const started = performance.now();
    const outputs = await /** @type {Session} */ (this.#cpu).run(feeds);
    this.#cpuTime = Math.min(this.#cpuTime, (performance.now() - started) / rows);
    if (this.#canTry && expected >= MANY_ROWS) {
      this.#canTry = false;
      this.#change = this.#tryGpu(feeds, outputs, rows);
      await this.#change;
    }
    return outputs;
  }

  async release() {
    await this.#change;
    await this.#cpu?.release();
    if (this.#gpu !== undefined) await this.#releaseGpu(this.#gpu);
    this.#gpu = undefined;
  }

  /**
   * Takes the GPU where it is faster than the CPU and agrees with it, and says so.
   *
   * @param {Tensors} feeds that the CPU has run
   * @param {Tensors} expected
   * @param {number} rows
   */
  async #tryGpu(feeds, expected, rows) {
    if (!this.#take()) return this.#note('the CPU: another model of this process uses the GPU');
    const reason = await this.#measure(feeds, expected, rows).catch(unusable);
    if (reason === undefined) {
      await this.#cpu?.release();
      this.#cpu = undefined;
    } else {
      this.#give();
      this.#note(`the CPU: ${reason}`);
    }
  }

  /**
   * Times the GPU on rows that the CPU has done.
   *
   * @param {Tensors} feeds
   * @param {Tensors} expected
   * @param {number} rows
   * @returns why it is not taken, or undefined
   */
  async #measure(feeds, expected, rows) {
    const slower = await this.#probe();
    if (slower !== undefined) {
      return `the GPU is ${slower.toFixed(0)} times slower at a product of matrices, as software adapters are`;
    }
    const cpuTime = rows * this.#cpuTime;
    const { precision, graph } = /** @type {GpuGraph} */ (this.#plan.gpuGraph);
    const session = await this.#create(graph, 'webgpu');
    try {
      await session.run(feeds); // the first run compiles
      const started = performance.now();
      const outputs = await session.run(feeds);
      const time = performance.now() - started;
      const cosine = leastCosine(expected, outputs, rows);
      const times = `${seconds(time)} for ${rows} against ${seconds(cpuTime)}`;
      // NaN is no agreement.
      if (!(cosine > MIN_COSINE)) return `the GPU computes something else (cosine ${cosine.toFixed(5)})`;
      if (cpuTime < MIN_GAIN * time) return `the GPU takes ${times}`;
      this.#gpu = session;
      const name = `the GPU (WebGPU, ${precision})`;
      this.#note(`${name}: ${times} on the CPU, cosine ${cosine.toFixed(5)} with the CPU's embeddings`);
      return undefined;
    } finally {
      if (this.#gpu === undefined) await session.release();
    }
  }

  /** How many times slower than the CPU the GPU is at a product of matrices, where it must be software. */
  async #probe() {
    const { cpu, gpu } = await this.#plan.timeProbe();
    return gpu > Math.max(SOFTWARE * cpu, UPLOAD_MS) ? gpu / cpu : undefined;
  }

  /**
   * @param {Session} gpu whose run failed
   * @param {unknown} error
   */
  async #fallBack(gpu, error) {
    this.#note(`the CPU from here on: the GPU failed (${words(error)}); nothing is lost`);
    this.#cpu ??= await this.#openCpu();
    await this.#releaseGpu(gpu);
  }

  /** @param {Session} session */
  async #releaseGpu(session) {
    await session.release().catch(() => {});
    this.#give();
  }

  #openCpu() {
    return this.#ort.InferenceSession.create(this.#plan.graph, this.#plan.options);
  }

  /**
   * @param {Uint8Array} graph
   * @param {'cpu' | 'webgpu' | 'cuda'} device
   */
  #create(graph, device) {
    return this.#ort.InferenceSession.create(graph, { ...this.#plan.options, executionProviders: [device] });
  }

  /** @param {string} device */
  #isBuilt(device) {
    return this.#ort.listSupportedBackends().some(({ name }) => name === device);
  }

  #take() {
    return Atomics.compareExchange(this.#plan.gpuUse, 0, 0, 1) === 0;
  }

  #give() {
    Atomics.store(this.#plan.gpuUse, 0, 0);
  }

  /** @param {string} line */
  #note(line) {
    this.#plan.onNote(`Pictures are embedded on ${line}.`);
  }
}

// Adapters in software are hundreds of times slower than ONNX Runtime on the same cores: a tower would take hours.
const SOFTWARE = 5;
// A product that takes a GPU less than this says nothing: the way there and back takes most of it.
const UPLOAD_MS = 20;

const seconds = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(ms < 1000 ? 3 : 1)} s`;

const MAX_WORDS = 200;

/** An error in few words, without the engine's file names. @param {unknown} error */
export function words(error) {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const said = line.split(' was false. ').at(-1) ?? line;
  return said.replace(/^\S+\.(cc|h):\d+ /, '').slice(0, MAX_WORDS);
}

const unusable = (/** @type {unknown} */ error) => `the GPU cannot be used (${words(error)})`;

/** @param {Tensors} outputs */
function requireFinite(outputs) {
  for (const { data } of Object.values(outputs)) {
    if (!(/** @type {Float32Array} */ (data).every(Number.isFinite)))
      throw new Error('it gives numbers that are not finite');
  }
  return outputs;
}

/**
 * @param {Tensors} expected
 * @param {Tensors} found
 * @param {number} rows
 */
function leastCosine(expected, found, rows) {
  let least = 1;
  for (const [name, { data: a }] of Object.entries(expected)) {
    const b = /** @type {Float32Array} */ (found[name]?.data);
    const size = a.length / rows;
    for (let row = 0; row < rows; row++) {
      let [ab, aa, bb] = [0, 0, 0];
      for (let i = row * size; i < (row + 1) * size; i++) {
        const [x, y] = [Number(a[i]), Number(b[i])];
        ab += x * y;
        aa += x * x;
        bb += y * y;
      }
      const cosine = ab / Math.sqrt(aa * bb);
      least = Number.isNaN(cosine) ? Number.NaN : Math.min(least, cosine);
    }
  }
  return least;
}
