import { setTimeout as sleep } from 'node:timers/promises';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { ElementType, GraphBuilder } from '../../clip/graphs/onnx.ts';
import { DeviceSession } from './device-session.js';
import { timeProbe } from './gpu-check.js';

/** What a GPU does that no machine of a test has; everything else is ONNX Runtime's, on the CPU. */
interface Gpu {
  /** Milliseconds of a run, and of one on the CPU. */
  readonly time?: number;
  readonly cpuTime?: number;
  /** Graph that it computes instead. */
  readonly graph?: Uint8Array;
  readonly create?: () => never;
  /** Called before every run of the model on it. */
  readonly run?: (turn: number) => void;
}

function scaling(factor: number): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.input('x', ElementType.float, ['N', 'W']);
  graph.output('y', graph.add(graph.mul(x, factor), 1), ['N', 'W']);
  return graph.build('scaling');
}

function probe(): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.input('x', ElementType.float, ['N', 'N']);
  graph.output('y', graph.matmul(x, x), ['N', 'N']);
  return graph.build('probe');
}

const model = scaling(2);
const ROWS = 4;

async function open(
  gpu: Gpu,
  { device = 'auto', gpuUse = new Int32Array(1) }: { device?: 'auto' | 'webgpu'; gpuUse?: Int32Array } = {},
) {
  let turn = 0;
  const create = async (bytes: Uint8Array, options: ort.InferenceSession.SessionOptions) => {
    const isGpu = options.executionProviders?.[0] === 'webgpu';
    const isModel = bytes === model;
    if (isGpu) gpu.create?.();
    const session = await ort.InferenceSession.create(isGpu && isModel ? (gpu.graph ?? bytes) : bytes);
    return {
      run: async (feeds: Readonly<Record<string, ort.Tensor>>) => {
        await sleep((isGpu ? gpu.time : gpu.cpuTime) ?? 0);
        if (isGpu && isModel) gpu.run?.(turn++);
        return session.run(feeds);
      },
      release: () => session.release(),
    };
  };
  const engine = {
    ...ort,
    InferenceSession: { create },
    listSupportedBackends: () => [{ name: 'webgpu', bundled: true }],
  } as unknown as typeof ort;
  const notes: string[] = [];
  const session = new DeviceSession(engine, {
    graph: model,
    gpuGraph: { precision: 'float32', graph: model },
    timeProbe: () => timeProbe(engine, probe()),
    options: {},
    device,
    gpuUse,
    onNote: (line) => notes.push(line),
  });
  await session.open();
  const run = async (expected = 1000) => {
    const x = new ort.Tensor(
      'float32',
      Float32Array.from({ length: 2 * ROWS }, (_, i) => i),
      [ROWS, 2],
    );
    return [...((await session.run({ x }, ROWS, expected)).y!.data as Float32Array)];
  };
  return { session, run, notes, gpuUse };
}

const RIGHT = [1, 3, 5, 7, 9, 11, 13, 15];
const FAST: Gpu = { time: 0, cpuTime: 150 };

describe('a session that may use a GPU', () => {
  it('a session that may use a GPU takes the GPU where it is faster and agrees, and says so once', async () => {
    const { session, run, notes, gpuUse } = await open(FAST);
    expect(await run()).toEqual(RIGHT);
    expect(session.isOnGpu).toBe(true);
    expect(await run()).toEqual(RIGHT);
    expect(notes).toEqual([expect.stringMatching(/^Pictures are embedded on the GPU .*cosine 1\.00000/)]);
    await session.release();
    expect([...gpuUse]).toEqual([0]);
  });

  it('a session that may use a GPU never tries it for a few pictures', async () => {
    const { session, run, notes } = await open(FAST);
    await run(299);
    expect([session.isOnGpu, notes]).toEqual([false, []]);
    await session.release();
  });

  it.each<[string, Gpu, RegExp]>([
    [
      'is slower at a product of matrices, as software is',
      { time: 600, cpuTime: 0 },
      /times slower .* software/,
    ],
    ['is not 1.5 times as fast', { time: 190, cpuTime: 200 }, /the GPU takes/],
    ['computes something else', { ...FAST, graph: scaling(-2) }, /something else/],
    ['gives no numbers', { ...FAST, graph: scaling(Number.NaN) }, /something else/],
    [
      'has no adapter',
      {
        ...FAST,
        create: () => {
          throw new Error(
            '/src/webgpu_context.cc:136 Initialize(const Config&) status was false. Failed to get a WebGPU adapter: none',
          );
        },
      },
      /cannot be used \(Failed to get a WebGPU adapter: none\)/,
    ],
    [
      'fails in its first run',
      {
        ...FAST,
        run: () => {
          throw new Error('out of memory');
        },
      },
      /cannot be used \(out of memory\)/,
    ],
  ])('stays on the CPU where the GPU %s, with one line', async (_, gpu, line) => {
    const { session, run, notes, gpuUse } = await open(gpu);
    expect(await run()).toEqual(RIGHT);
    expect(await run()).toEqual(RIGHT);
    expect(session.isOnGpu).toBe(false);
    expect(notes).toEqual([expect.stringMatching(line)]);
    expect([...gpuUse]).toEqual([0]);
    await session.release();
  });

  it.each(['auto', 'webgpu'] as const)(
    'a session that may use a GPU goes on without a loss where the GPU is lost in the middle (%s)',
    async (device) => {
      const lost = device === 'auto' ? 3 : 1; // auto tries it with two runs
      const { session, run, notes, gpuUse } = await open(
        {
          ...FAST,
          run: (turn) => {
            if (turn >= lost) throw new Error('the device is lost');
          },
        },
        { device },
      );
      await run();
      if (device === 'auto') await run();
      expect(session.isOnGpu).toBe(true);
      expect(await Promise.all([run(), run(), run()])).toEqual([RIGHT, RIGHT, RIGHT]);
      expect(session.isOnGpu).toBe(false);
      expect(notes.filter((line) => line.includes('the device is lost'))).toHaveLength(1);
      expect([...gpuUse]).toEqual([0]);
      await session.release();
    },
  );

  it('a session that may use a GPU leaves the GPU to the session that has it', async () => {
    const gpuUse = new Int32Array(1);
    const first = await open(FAST, { gpuUse, device: 'webgpu' });
    for (const device of ['auto', 'webgpu'] as const) {
      const second = await open(FAST, { gpuUse, device });
      expect(await second.run()).toEqual(RIGHT);
      expect(second.notes).toEqual([expect.stringContaining('another model of this process uses the GPU')]);
      await second.session.release();
    }
    expect(first.session.isOnGpu).toBe(true);
    await first.session.release();
    expect([...gpuUse]).toEqual([0]);
  });
});
