import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Name of the package that holds the engine's binary for one platform. */
export const engineName = (platform: string, arch: string): string => `@polar-vl/engine-${platform}-${arch}`;

/** The engine's binary for one platform, ready to be packed. */
export interface EnginePackage {
  readonly name: string;
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
  readonly folder: string;
}

const BINDING = 'onnxruntime_binding.node';

const LICENCE = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;

/**
 * Makes one package for each platform from the binaries of `onnxruntime-node`, which holds all of them and fetches
 * more by an install script: npm installs the one that fits by `os`, `cpu` and `libc`. Their version is ONNX Runtime's.
 *
 * @param source folder of the installed `onnxruntime-node`
 */
export async function makeEnginePackages(source: string, target: string): Promise<EnginePackage[]> {
  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string };
  const binaries = join(source, 'bin', 'napi-v6');
  const made: EnginePackage[] = [];
  for (const platform of (await readdir(binaries)).sort()) {
    for (const arch of (await readdir(join(binaries, platform))).sort()) {
      const folder = join(target, `engine-${platform}-${arch}`);
      const name = engineName(platform, arch);
      await mkdir(folder, { recursive: true });
      await copyBinaries(join(binaries, platform, arch), folder);
      await writeFile(join(folder, 'LICENSE'), LICENCE);
      await writeFile(
        join(folder, 'README.md'),
        `# ${name}\n\nThe binary of [ONNX Runtime](https://onnxruntime.ai) ${version} for Node.js on ${platform} ${arch}, taken unchanged from\n\`onnxruntime-node\`. polar-vl installs it.\n`,
      );
      const manifest = {
        name,
        version,
        description: `ONNX Runtime's binary for polar-vl on ${platform} ${arch}`,
        license: 'MIT',
        os: [platform],
        cpu: [arch],
        ...(platform === 'linux' ? { libc: ['glibc'] } : {}),
        publishConfig: { access: 'public' },
      };
      await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
      made.push({ name, version, platform, arch, folder });
    }
  }
  return made;
}

/** Copies the binaries, a library that is there under two names once: under the name that the binding loads. */
async function copyBinaries(from: string, to: string): Promise<void> {
  const binding = await readFile(join(from, BINDING));
  const files = await Promise.all(
    (await readdir(from)).sort().map(async (name) => ({ name, bytes: await readFile(join(from, name)) })),
  );
  for (const { name, bytes } of files) {
    const isNamed = (other: string) => binding.includes(other);
    const twin = files.find((other) => other.name !== name && other.bytes.equals(bytes));
    if (twin !== undefined && isNamed(twin.name) && !isNamed(name)) continue;
    await copyFile(join(from, name), join(to, name));
  }
}
