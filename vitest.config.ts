import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { hosts } from './test/support/hosts/pool.js';

/** They need the machine as it is, to themselves: its network, or all of its two cores. */
const MACHINE = [
  'test/host/{main-job,package,readme}.test.ts',
  'test/host/lifecycle/thousand.test.ts',
  'test/host/cli/ps-speed.test.ts',
  'test/host/net/concurrent.test.ts',
  'test/host/library/many.test.ts',
  'test/host/storage/host-image.test.ts',
  'test/host/support/*.test.ts',
];
/** A host for each file is made by root; here there may be one already. */
const hasHosts = process.getuid?.() === 0 && process.env.TSBOX_TEST_ISOLATED !== '1';

const real = {
  globalSetup: ['test/support/global-setup.ts'],
  setupFiles: ['test/support/leak-fixture.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // With one thread in libuv's pool, a blocking call per container deadlocks instead of hiding.
  env: { UV_THREADPOOL_SIZE: '1' },
};

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));
/** The examples import the package by its name, as anybody's plugin does. */
const resolve = {
  alias: [
    { find: /^tsbox$/, replacement: source('core/index.ts') },
    { find: /^tsbox\/plugin$/, replacement: source('core/plugin/index.ts') },
    { find: /^tsbox\/testing$/, replacement: source('test/contract/index.ts') },
  ],
};

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve,
        test: {
          ...real,
          name: 'host',
          include: ['test/host/**/*.test.ts'],
          exclude: MACHINE,
          // A process of its own for each file: what changed is then the file's doing. Each on a host of its own
          // where that can be made, and several at once then; else one after the other.
          pool: hasHosts ? hosts : 'forks',
          maxWorkers: hasHosts ? Math.max(2, Math.floor(availableParallelism() / 2)) : 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        test: {
          ...real,
          name: 'machine',
          include: MACHINE,
          pool: 'forks',
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
