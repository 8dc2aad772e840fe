import { interleave, type Measure } from '../interleave.js';
import { bareNode, commandLine, timedTsbox } from '../processes.js';
import { engineIn, SMALL, withScratchDisk } from '../scratch.js';
import { sampling } from '../settings.js';
import { printTable } from '../table.js';
import { phasesOf } from './phases.js';

/** A cold command line: each command against `node -e 0`, and where its time goes. */
const WHOLE = sampling(15, 7);
const PHASES = sampling(8, 4);

async function main(directory: string): Promise<void> {
  await using engine = await engineIn(directory);
  const { id } = await engine.runDetached({ ...SMALL, command: ['sleep', '36000'], network: 'none' });
  const container = await engine.container(id);
  try {
    const commands: Record<string, string[]> = {
      version: ['version'],
      ps: ['ps'],
      logs: ['logs', id],
      inspect: ['inspect', id],
      run: ['run', '--rm', '--network=none', '--storage=overlay', SMALL.image, 'true'],
    };
    await whole(directory, commands);
    await phases(directory, commands);
  } finally {
    await container.remove({ force: true });
  }
}

async function whole(directory: string, commands: Record<string, string[]>): Promise<void> {
  const tsbox = timedTsbox(directory);
  const own = Object.entries(commands).map(([name, args]) => [`tsbox ${name}`, tsbox(...args)] as const);
  const kinds: Record<string, Measure> = { 'node -e 0': bareNode, ...Object.fromEntries(own) };
  printTable(['process'], await interleave(kinds, WHOLE), 'cold start of a command');
}

async function phases(directory: string, commands: Record<string, string[]>): Promise<void> {
  const line = commandLine(directory);
  const own = Object.entries(commands).map(([name, args]) => [`tsbox ${name}`, () => phasesOf(line(...args))] as const);
  const samples = await interleave(Object.fromEntries(own), PHASES);
  printTable(['boot', 'load', 'define', 'run', 'leave'], samples, 'phases of a cold start');
}

await withScratchDisk(main);
