import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { loadConfig } from '../../../core/config/load-config.js';
import type { RunSettings } from '../../../core/config/run-options.js';
import { type EnvironmentRequest, resolveEnvironment, serviceOf } from '../../../core/environments/index.js';
import type { TsboxError } from '../../../core/plugin/error.js';

const caller = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };

export let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsbox-environments-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Writes files below a directory of the test's own; returns the path of the first. */
export function write(files: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return join(directory, Object.keys(files)[0] as string);
}

export interface Asked {
  readonly environment?: NodeJS.ProcessEnv;
  readonly flags?: RunSettings;
  readonly positions?: boolean;
}

/** A request for the config files of that directory. */
export async function request({ environment = {}, flags, positions = false }: Asked = {}): Promise<EnvironmentRequest> {
  const config = await loadConfig({ directory, environment: { XDG_CONFIG_HOME: join(directory, 'home') }, caller });
  return {
    config,
    caller,
    environment,
    directory,
    positions,
    ...(flags && { flags: { kind: 'flag' as const, directory, values: flags } }),
  };
}

export async function resolve(name: string, asked: Asked = {}) {
  return resolveEnvironment(name, await request(asked));
}

export async function service(name: string, which?: string, asked: Asked = {}) {
  return serviceOf(await resolve(name, asked), which);
}

export async function refused(action: Promise<unknown>): Promise<TsboxError> {
  return action.then(
    () => Promise.reject(new Error('it was accepted')),
    (error: TsboxError) => error,
  );
}
