import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createApp } from './app.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly responses: Readonly<Record<string, unknown>>;
}

describe("the API's document", () => {
  let server: TestServer;
  // biome-ignore lint/suspicious/noExplicitAny: JSON that the validator judges
  let document: any;
  beforeAll(async () => {
    server = await startTestServer({ things: [] });
    document = (await server.send('/api/openapi.json')).json;
  });
  afterAll(() => server.close());

  it("the API's document is valid OpenAPI 3.1", async () => {
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'POLAR', version: '0.0.0' } });
  });

  it("the API's document has every route that the server serves, and no other", () => {
    const app = createApp(server.context, [], new Map());
    const served = new Set(
      app.routes
        .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/')) // the page is no part of the API
        .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
    );
    served.delete('GET /api/openapi.json'); // the document itself
    const described = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
      ([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([...served].sort());
  });

  it("the API's document says of each what it is for, what it answers, and that it may refuse", () => {
    for (const [path, operations] of Object.entries(
      document.paths as Record<string, Record<string, Operation>>,
    )) {
      for (const [method, { summary, tags, responses }] of Object.entries(operations)) {
        const which = `${method} ${path}`;
        expect(summary, which).toMatch(/^[A-Z].{10,}/);
        expect(tags, which).toHaveLength(1);
        expect(Object.keys(responses), which).toEqual(['200', 'default']);
      }
    }
  });
});
