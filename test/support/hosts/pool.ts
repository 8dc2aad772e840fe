import { fileURLToPath } from 'node:url';
import { ForksPoolWorker, type PoolOptions, type PoolRunnerInitializer } from 'vitest/node';

const WRAPPER = fileURLToPath(new URL('../../isolated-node.sh', import.meta.url));

/** A process for a test file, on a host of its own: what the file changes, no other file sees. */
class HostWorker extends ForksPoolWorker {
  override readonly name = HOSTS;
  /** Its /tmp is another one. */
  override readonly cacheFs = false;

  constructor(options: PoolOptions) {
    super({ ...options, env: { ...options.env, TSBOX_TEST_NODE: process.execPath } });
  }

  override start(): Promise<void> {
    const { execPath } = process;
    // What fork(2) of node:child_process executes, at once.
    process.execPath = WRAPPER;
    try {
      return super.start();
    } finally {
      process.execPath = execPath;
    }
  }
}

const HOSTS = 'hosts';

/** For a project in vitest.config.ts: its files run beside each other. Needs root. */
export const hosts: PoolRunnerInitializer = {
  name: HOSTS,
  createPoolWorker: (options) => new HostWorker(options),
};
