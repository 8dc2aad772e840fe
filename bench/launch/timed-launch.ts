import type { BoxOptions, LibraryEngine } from '../../core/index.js';

/** Nanoseconds until the command runs, and until everything of the container is gone. */
export async function timedLaunch(engine: LibraryEngine, options: BoxOptions): Promise<[number, number]> {
  const start = process.hrtime.bigint();
  const box = await engine.run({ stdio: 'ignore', ...options });
  const started = Number(process.hrtime.bigint() - start);
  await box.wait();
  return [started, Number(process.hrtime.bigint() - start)];
}
