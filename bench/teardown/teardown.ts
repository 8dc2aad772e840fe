import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { BoxOptions, LibraryEngine } from '../../core/index.js';
import { interleave, type Measure } from '../interleave.js';
import { timedTsbox } from '../processes.js';
import { engineIn, SMALL, statePlaces, withScratchDisk } from '../scratch.js';
import { sampling } from '../settings.js';
import { printTable } from '../table.js';

/** From the kill of a container until its end is told, and until its directory is gone. */
const IN_PROCESS = sampling(12, 10);
const WHOLE = sampling(12, 3);
const SLEEP = { ...SMALL, command: ['sleep', '3600'], stdio: 'ignore' } as const;
const COLUMNS = ['told', 'gone'];

async function main(directory: string): Promise<void> {
  await using engine = await engineIn(directory);
  const timed = (options: Partial<BoxOptions>) => () => timedEnd(engine, directory, { ...SLEEP, ...options });
  {
    await using _holder = await engine.run({ ...SLEEP, network: 'bridge' });
    const kinds: Record<string, Measure> = {
      'no network': timed({ network: 'none' }),
      'a bridge that is there': timed({ network: 'bridge' }),
      'a bridge and a published port': timed({ network: 'bridge', publish: ['127.0.0.1::80'] }),
    };
    printTable(COLUMNS, await interleave(kinds, IN_PROCESS), 'kill, in process');
  }
  const alone = { 'no network': timed({ network: 'none' }), 'alone on its bridge': timed({ network: 'bridge' }) };
  printTable(COLUMNS, await interleave(alone, IN_PROCESS), 'kill, with the bridge');
  await commandLine(engine, directory);
}

async function timedEnd(engine: LibraryEngine, directory: string, options: BoxOptions): Promise<[number, number]> {
  const box = await engine.run(options);
  const own = join(statePlaces(directory).root, 'containers', box.id);
  const start = process.hrtime.bigint();
  const elapsed = () => Number(process.hrtime.bigint() - start);
  box.kill();
  await box.wait();
  const told = elapsed();
  while (existsSync(own)) await setImmediate();
  return [told, elapsed()];
}

/** Of a container that is detached: a process that removes it. */
async function commandLine(engine: LibraryEngine, directory: string): Promise<void> {
  const tsbox = timedTsbox(directory);
  const { stdio: _, ...detached } = SLEEP;
  const kinds: Record<string, Measure> = {
    'tsbox version': tsbox('version'),
    'tsbox rm -f': async () => {
      const { id } = await engine.runDetached({ ...detached, network: 'none' });
      return tsbox('rm', '-f', id)();
    },
  };
  printTable(['process'], await interleave(kinds, WHOLE), 'removal by the command line');
}

await withScratchDisk(main);
