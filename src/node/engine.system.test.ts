import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built } from '../../test/program.ts';
import type { GraphSession } from '../clip/graphs/graph-session.ts';
import { ElementType, GraphBuilder } from '../clip/graphs/onnx.ts';
import { createSession } from './engine.ts';

const run = promisify(execFile);

/** x [N] → y = x + x. */
function doubling(): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.input('x', ElementType.float, ['N']);
  graph.output('y', graph.op('Add', [x, x]), ['N']);
  return graph.build('doubling');
}
const feed = (...values: number[]) => ({ x: { data: Float32Array.from(values), dims: [values.length] } });

describe.each([false, true])('a session (in a thread of its own: %s)', (ownThread) => {
  const options = { weightFolder: import.meta.dirname, prepack: false, ownThread };
  let session: GraphSession;
  beforeAll(async () => {
    session = await createSession(doubling(), options);
  });
  afterAll(() => session.release());

  it('gives each of several runs at once its own answer, and leaves what it was given', async () => {
    const feeds = [feed(1, 2), feed(3), feed(4, 5, 6)];
    const outputs = await Promise.all(feeds.map((one) => session.run(one)));
    expect(outputs.map(({ y }) => [...y!])).toEqual([[2, 4], [6], [8, 10, 12]]);
    expect([...feeds[0]!.x.data]).toEqual([1, 2]);
  });

  it('refuses what the graph does not take, and goes on', async () => {
    await expect(session.run({})).rejects.toThrow(/x/);
    await expect(session.run({ x: { data: new Float32Array(3), dims: [2] } })).rejects.toThrow(/3/);
    expect([...(await session.run(feed(7))).y!]).toEqual([14]);
  });

  it('refuses what is no graph, naming the folder', async () => {
    await expect(createSession(new Uint8Array([1, 2, 3]), options)).rejects.toThrow(
      `${import.meta.dirname}: ONNX Runtime cannot load the model`,
    );
  });

  it('answers no more once it is released', async () => {
    const other = await createSession(doubling(), options);
    await other.release();
    await expect(other.run(feed(1))).rejects.toThrow();
  }, 10_000);
});

/** x [N, N] → y = x x x, which takes a while. */
function cube(): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.input('x', ElementType.float, ['N', 'N']);
  graph.output('y', graph.op('MatMul', [graph.op('MatMul', [x, x]), x]), ['N', 'N']);
  return graph.build('cube');
}

describe('a session in a thread of its own that nobody releases', () => {
  const script = (end: string) => `
    import { createSession } from ${JSON.stringify(built('node/engine.ts'))};
    const graph = Buffer.from('${Buffer.from(cube()).toString('base64')}', 'base64');
    const session = await createSession(graph, { weightFolder: '.', prepack: false, ownThread: true });
    const cube = (n) => session.run({ x: { data: new Float32Array(n * n).fill(2), dims: [n, n] } });
    ${end}`;
  const outcome = (end: string) =>
    run(process.execPath, ['--input-type=module', '-e', script(end)]).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        stdout,
        stderr,
      }),
    );

  it('an unreleased session does not keep the process from its end', async () => {
    expect(await outcome('console.log((await cube(1)).y[0]);')).toEqual({
      code: 0,
      stdout: '8\n',
      stderr: '',
    });
  }, 60_000);

  it('a session that nobody releases does not abort a process that exits while it computes, or has more to do', async () => {
    const end = 'for (let i = 0; i < 50; i++) cube(1500); setTimeout(() => process.exit(3), 20);';
    expect(await outcome(end)).toEqual({ code: 3, stdout: '', stderr: '' });
    expect(await outcome('cube(1500); throw 7;')).toMatchObject({ code: 1, stdout: '' });
  }, 60_000);
});
