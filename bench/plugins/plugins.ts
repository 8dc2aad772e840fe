import { subscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import type { LibraryEngine } from '../../core/index.js';
import { definePlugin } from '../../core/plugin/index.js';
import { interleave, type Measure } from '../interleave.js';
import { timedLaunch } from '../launch/timed-launch.js';
import { engineIn, SMALL, withScratchDisk } from '../scratch.js';
import { sampling } from '../settings.js';
import { printTable } from '../table.js';

/**
 * What plugins cost that do nothing: a launch with twenty of them, a handler in every hook, against one with
 * none; and what it costs to be looked at.
 */
const SAMPLING = sampling(15, 10);
const PLUGINS = 20;
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

async function main(directory: string): Promise<void> {
  await using plain = await engineIn(join(directory, 'plain'));
  await using crowded = await engineIn(join(directory, 'crowded'), { plugins: trivial });
  const kinds = {
    'no plugin': launch(plain),
    'no plugin, again': launch(plain),
    'twenty plugins': launch(crowded),
    'no plugin, traced': launch(plain, true),
  };
  printTable(COLUMNS, await interleave(kinds, SAMPLING), 'plugins that do nothing');
  for (const event of ['start', 'asyncEnd'])
    for (const name of ['launch', 'hook', 'step']) subscribe(`tracing:tsbox:${name}:${event}`, () => {});
  const subscribed = { 'no plugin': launch(plain), 'twenty plugins': launch(crowded) };
  printTable(COLUMNS, await interleave(subscribed, SAMPLING), 'plugins, with a subscriber');
}

function launch(engine: LibraryEngine, trace = false): Measure {
  const options = { ...SMALL, network: 'none', trace };
  return async () => {
    const before = process.cpuUsage();
    const times = await timedLaunch(engine, options);
    const { user, system } = process.cpuUsage(before);
    return [...times, (user + system) * 1000];
  };
}

await withScratchDisk(main);
