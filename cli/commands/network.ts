import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { eachArgument } from '../each.js';
import { warn } from '../engine.js';
import type { Globals } from '../globals.js';
import { type Act, actWith } from './network-act.js';
import { defineNetworkCreate } from './network-create.js';
import { defineNetworkInspect } from './network-inspect.js';
import { defineNetworkList } from './network-list.js';
import { defineNetworkPrune } from './network-prune.js';

export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  const act = actWith(finish);
  defineNetworkCreate(command, act);
  defineNetworkList(command, act);
  defineNetworkInspect(command, act);
  defineRemove(command, act);
  defineNetworkPrune(command, act);
  defineConnect(command, act);
  defineDisconnect(command, act);
}

function defineRemove(command: Command, act: Act): void {
  command
    .command('rm')
    .alias('remove')
    .description('remove networks that no container uses')
    .argument('<network...>', 'name, id, or the beginning of an id')
    .option('-f, --force', 'no error where there is no such network')
    .action((names: string[], options: { readonly force?: boolean }, parsed: Command) =>
      act(parsed, async (engine, globals) => {
        const { removeNetwork } = await import('../../core/networks/remove.js');
        return eachArgument(names, globals, (name) =>
          removeNetwork(engine, name).catch(unlessGone(name, globals, options.force)),
        );
      }),
    );
}

function unlessGone(
  name: string,
  globals: Globals,
  force = false,
): (error: Error & { readonly code?: string }) => false {
  return (error) => {
    if (!force || error.code !== 'ERR_TSBOX_NO_SUCH_NETWORK') throw error;
    warn(`there is no network ${JSON.stringify(name)}`, globals);
    return false;
  };
}

function defineConnect(command: Command, act: Act): void {
  const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];
  command
    .command('connect')
    .description('connect a container to a further network')
    .argument('<network>')
    .argument('<container>')
    .option('--ip <address>', 'IPv4 address on that network')
    .option('--alias <name>', 'a further name of the container there', collect)
    .action((network: string, container: string, options: { ip?: string; alias?: string[] }, parsed: Command) =>
      act(parsed, async (engine, globals) => {
        const { connectNetwork } = await import('../../core/networks/connect.js');
        const { ip, alias: aliases = [] } = options;
        const wish = { aliases, ...(ip !== undefined && { ip }) };
        for (const warning of await connectNetwork(engine, network, container, wish)) warn(warning, globals);
        return 0;
      }),
    );
}

function defineDisconnect(command: Command, act: Act): void {
  command
    .command('disconnect')
    .description('take a container off a network')
    .argument('<network>')
    .argument('<container>')
    .option('-f, --force', 'no error where it is not on it')
    .action((network: string, container: string, { force = false }: { force?: boolean }, parsed: Command) =>
      act(parsed, async (engine) => {
        const { disconnectNetwork } = await import('../../core/networks/connect.js');
        await disconnectNetwork(engine, network, container, force);
        return 0;
      }),
    );
}
