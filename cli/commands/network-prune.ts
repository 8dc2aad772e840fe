import type { Command } from 'commander';
import { print } from '../output.js';
import type { Act } from './network-act.js';

export function defineNetworkPrune(command: Command, act: Act): void {
  command
    .command('prune')
    .description('remove all networks that no container uses')
    .option('-f, --force', 'without asking')
    .action(({ force = false }: { readonly force?: boolean }, parsed: Command) =>
      act(parsed, async (engine) => {
        if (!force && !(await isSure())) return 0;
        const { pruneNetworks } = await import('../../core/networks/remove.js');
        const removed = await pruneNetworks(engine);
        if (removed.length > 0) print(`Deleted Networks:\n${removed.map(({ name }) => `${name}\n`).join('')}`);
        return 0;
      }),
    );
}

/** Nobody is asked who is not there to answer. */
async function isSure(): Promise<boolean> {
  if (!process.stdin.isTTY) return true;
  const { createInterface } = await import('node:readline/promises');
  const question = 'All networks that no container uses will be removed. Are you sure? [y/N] ';
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asked.question(question)).trim());
  } finally {
    asked.close();
  }
}
