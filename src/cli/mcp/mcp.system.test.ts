import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHOTOS, TINY_CLIP } from '../../../test/data.ts';
import { runPolar } from '../../../test/polar.ts';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

describe('polar mcp, driven by the client of the SDK', () => {
  let home: string;
  let photos: string;
  beforeAll(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'polar-mcp-')));
    photos = join(home, 'photos');
    await cp(PHOTOS, photos, { recursive: true });
    await writeFile(join(home, 'secret.jpg'), 'not of the library');
    expect((await runPolar(home, ['index', photos, '--model', TINY_CLIP])).code).toBe(0);
  });
  afterAll(() => rm(home, { recursive: true }));

  async function connected(args: readonly string[], use: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ name: 'test', version: '1' });
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [MAIN, 'mcp', '--model', TINY_CLIP, ...args],
      env: {
        ...(process.env as Record<string, string>),
        POLAR_HOME: home,
        HF_HOME: home,
        HF_HUB_OFFLINE: '1',
      },
      stderr: 'ignore',
    });
    await client.connect(transport);
    try {
      await use(client);
    } finally {
      await client.close();
    }
  }
  const call = async (client: Client, name: string, args: Record<string, unknown> = {}) =>
    (await client.callTool({ name, arguments: args })) as CallToolResult;
  const said = ({ content }: CallToolResult) =>
    content.map((part) => (part.type === 'text' ? part.text : '')).join();

  it('polar mcp searches, shows and lists, reads no file beside the library, and may not write', async () => {
    await connected([], async (client) => {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['search', 'show', 'list_concepts', 'list_folders']);
      expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
      const found = await call(client, 'search', { sentence: 'a dog', top: 3 });
      const { photos: hits } = found.structuredContent as { photos: { path: string; relevance: string }[] };
      expect(hits).toHaveLength(3);
      const shown = await call(client, 'show', { path: hits[0]!.path, side: 64 });
      const [image] = shown.content;
      if (image?.type !== 'image') throw new Error('expected an image');
      expect(image.mimeType).toBe('image/jpeg');
      const { width, height } = await sharp(Buffer.from(image.data, 'base64')).metadata();
      expect(Math.max(width, height)).toBe(64);
      const folders = await call(client, 'list_folders');
      expect(folders.structuredContent).toMatchObject({ folders: [{ path: photos, missing: false }] });
      for (const path of [
        join(home, 'secret.jpg'),
        '/etc/passwd',
        `${photos}/../secret.jpg`,
        "' OR 1=1 --",
      ]) {
        const refused = await call(client, 'show', { path });
        expect(refused.isError, path).toBe(true);
        expect(said(refused)).toMatch(/no photo of the library/);
      }
      const blank = await call(client, 'search', { sentence: ' ' });
      expect(said(blank)).toMatch(/^nothing to search for/);
      for (const args of [
        {},
        { sentence: 'x', top: 1e9 },
        { sentence: 'x', after: 'May' },
        { sentence: 'x', before: '2024-02-30' },
        { sentence: 5 },
      ]) {
        expect((await call(client, 'search', args)).isError, JSON.stringify(args)).toBe(true);
      }
      expect((await call(client, 'learn_concept', { name: 'Rex', photos: [hits[0]!.path] })).isError).toBe(
        true,
      );
    });
  });

  it('polar mcp learns with --write from photos of the library only, and the next sentence may name it', async () => {
    await connected(['--write'], async (client) => {
      const own = ['00', '01', '02'].map((name) => join(photos, 'dog6', `${name}.jpg`));
      const foreign = await call(client, 'learn_concept', {
        name: 'Rex',
        photos: [...own, join(home, 'secret.jpg')],
      });
      expect(said(foreign)).toMatch(/secret\.jpg: no photo of the library/);
      const learnt = await call(client, 'learn_concept', { name: 'Rex', class: 'dog', photos: own });
      expect(learnt.structuredContent).toMatchObject({ name: 'Rex', photos: 3 });
      const { structuredContent } = await call(client, 'search', { sentence: 'rex outside', top: 1 });
      expect(structuredContent).toMatchObject({ understood: ['Rex'] });
      const concepts = await call(client, 'list_concepts');
      expect(concepts.structuredContent).toEqual({
        concepts: [{ name: 'Rex', class: 'dog', photos: 3, usable: true }],
      });
      expect(said(await call(client, 'learn_concept', { name: 'Rex', photos: own }))).toMatch(/Rex/);
    });
  });
});
