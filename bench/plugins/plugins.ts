import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type LibraryEngine } from '../../core/index.js';
import { definePlugin } from '../../core/plugin/index.js';
import { interleave, type Measure, printTable } from '../interleave.js';
import { timedLaunch } from '../launch/timed-launch.js';

/**
 * What plugins cost that do nothing: a launch with twenty of them, a handler in every hook, against one with
 * none; and what it costs to be looked at. Fails where twenty plugins cost more than a tenth.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const PER_ROUND = Number(process.env.PER_ROUND ?? 10);
const PLUGINS = 20;
const MOST = 1.1;
/** The last one is what the engine's process computed, whoever else keeps the machine busy. */
const COLUMNS = ['started', 'gone', 'CPU'];

/** Synchronous and asynchronous ones in turn, as plugins are. */
const trivial = Array.from({ length: PLUGINS }, (_, index) => {
  const handler = index % 2 ? async () => {} : () => {};
  const hooks = {
    prepareRootfs: handler,
    preClone: handler,
    childSetup: handler,
    preExec: handler,
    postStart: handler,
    postStop: handler,
  };
  return definePlugin({ name: `trivial-${index}`, apiVersion: 1, hooks });
});

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tsbox-bench-'));
  const state = (name: string) => {
    const root = join(directory, name, 'root');
    mkdirSync(join(root, 'containers'), { recursive: true });
    return { root, runroot: join(directory, name, 'run') };
  };
  try {
    await using plain = await createEngine(state('plain'));
    await using crowded = await createEngine({ ...state('crowded'), plugins: trivial });
    const medians = printTable(
      COLUMNS,
      await interleave(
        {
          'no plugin': launch(plain),
          'no plugin, again': launch(plain),
          'twenty plugins': launch(crowded),
          'no plugin, traced': launch(plain, true),
        },
        { rounds: ROUNDS, perRound: PER_ROUND },
      ),
    );
    for (const event of ['start', 'asyncEnd'])
      for (const name of ['launch', 'hook', 'step']) subscribe(`tracing:tsbox:${name}:${event}`, () => {});
    printTable(
      COLUMNS,
      await interleave(
        { 'subscribed, no plugin': launch(plain), 'subscribed, twenty plugins': launch(crowded) },
        { rounds: ROUNDS, perRound: PER_ROUND },
      ),
    );
    const gone = (name: string) => medians.get(name)?.[1] ?? Number.NaN;
    const ratio = gone('twenty plugins') / gone('no plugin');
    console.log(
      `twenty plugins cost ${((ratio - 1) * 100).toFixed(1)} % of a launch, from its start until it is gone; at most ${Math.round((MOST - 1) * 100)} %`,
    );
    if (!(ratio <= MOST)) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function launch(engine: LibraryEngine, trace = false): Measure {
  const options = { image: 'host', command: ['/bin/true'], storage: 'overlay', network: 'none', trace };
  return async () => {
    const before = process.cpuUsage();
    const times = await timedLaunch(engine, options);
    const { user, system } = process.cpuUsage(before);
    return [...times, (user + system) * 1000];
  };
}

await main();
