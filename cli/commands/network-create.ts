import type { Command } from 'commander';
import { TsboxError } from '../../core/plugin/error.js';
import { print } from '../output.js';
import type { Act } from './network-act.js';

interface Options {
  readonly driver: string;
  readonly subnet?: string;
  readonly gateway?: string;
  readonly ipRange?: string;
  readonly internal?: boolean;
  readonly label?: readonly string[];
  readonly opt?: readonly string[];
}

export function defineNetworkCreate(command: Command, act: Act): void {
  const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];
  command
    .command('create')
    .description('make a network and print its id')
    .argument('<name>')
    .option('-d, --driver <driver>', 'who makes it', 'bridge')
    .option('--subnet <cidr>', 'its addresses (default: some that are free)')
    .option('--gateway <address>', 'address of the host on it (default: the first)')
    .option('--ip-range <cidr>', 'the part of the subnet that addresses are given out from')
    .option('--internal', 'nothing leads out of it')
    .option('--label <K=V>', 'a label', collect)
    .option('-o, --opt <K=V>', 'an option of the driver: mtu=1400, icc=false', collect)
    .action((name: string, options: Options, parsed: Command) =>
      act(parsed, async (engine) => {
        const { createNetwork } = await import('../../core/networks/create.js');
        const { driver, subnet, gateway, ipRange, internal = false, label = [], opt = [] } = options;
        const { id } = await createNetwork(engine, {
          name,
          driver,
          internal,
          labels: pairs(label, '--label', ''),
          options: pairs(opt, '--opt', undefined),
          ...(subnet !== undefined && { subnet }),
          ...(gateway !== undefined && { gateway }),
          ...(ipRange !== undefined && { ipRange }),
        });
        print(`${id}\n`);
        return 0;
      }),
    );
}

/** @param standard the value of a key alone; undefined: it needs one */
function pairs(texts: readonly string[], flag: string, standard: string | undefined): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      const [key, value] = at < 0 ? [text, standard] : [text.slice(0, at), text.slice(at + 1)];
      if (key !== '' && value !== undefined) return [key, value];
      throw new TsboxError('ERR_TSBOX_USAGE', {
        what: `cannot use ${flag} ${JSON.stringify(text)}`,
        why: 'it is not KEY=VALUE',
        fix: `${flag} key=value`,
      });
    }),
  );
}
