import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { built } from '../../../test/program.ts';
import { swiftShader } from '../../../test/swiftshader.ts';

const run = promisify(execFile);
const photo = fileURLToPath(new URL('../../../test/photos/dog/00.jpg', import.meta.url));
const noAdapter = { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' };

/** What a process prints that embeds a photo with Toybox on a device, as if it were one of many. */
async function embed(device: string, env: Readonly<Record<string, string>>) {
  const script = `
    import { loadClip } from ${JSON.stringify(built('node/load-clip.ts'))};
    import { loadPixels, pixelsOf } from ${JSON.stringify(built('node/pixels/picture-batch.ts'))};
    const notes = [];
    const clip = await loadClip('toybox', { device: ${JSON.stringify(device)}, onNote: (line) => notes.push(line) });
    const [loaded] = await loadPixels([${JSON.stringify(photo)}], clip.preprocessorConfig);
    const work = clip.encodePixels(pixelsOf(loaded), 1, { expected: 1000 });
    const answer = await work.then(({ data }) => ({ data: [...data] }), ({ message }) => ({ message }));
    await clip.close();
    console.log(JSON.stringify({ ...answer, notes }));`;
  const options = { env: { ...process.env, ...env } };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], options);
  return JSON.parse(stdout) as { data?: number[]; message?: string; notes: string[] };
}

const software = swiftShader();

describe.runIf(software)('a machine whose GPU is software', () => {
  it('a machine whose GPU is software embeds a photo on it as on the CPU, within 1e-3, where that is asked for', async () => {
    const cpu = await embed('cpu', software!);
    const gpu = await embed('webgpu', software!);
    expect(gpu.notes).toEqual([]); // it did not go back to the CPU
    const norm = Math.hypot(...cpu.data!);
    expect(Math.hypot(...cpu.data!.map((x, i) => x - gpu.data![i]!)) / norm).toBeLessThan(1e-3);
    expect(gpu.data).not.toEqual(cpu.data);
  });

  it('a machine whose GPU is software stays on the CPU where the device is chosen by measuring', async () => {
    const { data, notes } = await embed('auto', software!);
    expect(data).toHaveLength(192);
    expect(notes).toEqual([expect.stringMatching(/on the CPU: the GPU is \d+ times slower .* software/)]);
  });
});

describe('a machine without a GPU', () => {
  it('a machine without a GPU embeds on the CPU, and says why', async () => {
    const { data, notes } = await embed('auto', noAdapter);
    expect(data).toHaveLength(192);
    expect(notes).toEqual([expect.stringMatching(/on the CPU: the GPU cannot be used \(.*adapter/)]);
  });

  it.each([
    ['webgpu', /^webgpu cannot be used \(.*adapter.*use --device cpu$/],
    ['cuda', /^cuda cannot be used \(.*ONNXRUNTIME_NODE_INSTALL=cuda12/],
  ])('says in one line what --device %s needs', async (device, line) => {
    expect((await embed(device, noAdapter)).message).toMatch(line);
  });
});
