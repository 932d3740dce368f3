import { z } from 'zod';
import { type ImmichApi, PERMISSIONS } from './api.ts';

/** An immich server that a key opens. */
export interface ConnectedServer {
  /** For example `3.2.2`. */
  readonly version: string;
  /** What the key is called. */
  readonly keyName: string;
  /** What the key should be allowed and is not. */
  readonly missing: readonly string[];
  /** Where people see it, as its administrator has set it; null where that is not set. */
  readonly externalDomain: string | null;
}

const Version = z.object({ major: z.number(), minor: z.number(), patch: z.number() });
const Config = z.object({ externalDomain: z.string().max(1000).catch('') });
const Key = z.object({ name: z.string().max(1000), permissions: z.array(z.string()) });

/** @throws PolarError when the server cannot be reached or does not know the key */
export async function describeServer(api: ImmichApi, signal?: AbortSignal): Promise<ConnectedServer> {
  const { major, minor, patch } = await api.json('/server/version', Version, { signal });
  const { externalDomain } = await api.json('/server/config', Config, { signal });
  const { name, permissions } = await api.json('/api-keys/me', Key, { signal });
  const missing = permissions.includes('all') ? [] : PERMISSIONS.filter((one) => !permissions.includes(one));
  return {
    version: `${major}.${minor}.${patch}`,
    keyName: name,
    missing,
    externalDomain: externalDomain || null,
  };
}
