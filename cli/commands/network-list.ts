import type { Command } from 'commander';
import { listNetworks, usedNetworks } from '../../core/networks/list.js';
import type { NetworkObject } from '../../core/plugin/networks.js';
import { addFilterOption, readFilters } from '../filter.js';
import { addListOptions, formatLabels, type ListShape, printList, readListOptions } from '../format.js';
import { printError } from '../output.js';
import type { Act } from './network-act.js';

const FILTERS = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'] as const;

export function defineNetworkList(command: Command, act: Act): void {
  const list = command.command('ls').alias('list').description('list networks');
  addListOptions(list).option('--no-trunc', 'ids whole');
  addFilterOption(list, FILTERS);
  list.action((options: { readonly trunc: boolean }, parsed: Command) =>
    act(parsed, async (engine) => {
      const filters = readFilters(parsed, FILTERS);
      const warn = ({ message }: Error) => printError(`tsbox: warning: a network is not listed: ${message}\n`);
      const all = await listNetworks(engine, warn);
      const used = filters.dangling ? usedNetworks(engine) : new Set<string>();
      const shown = all.filter((network) => fits(network, filters, used));
      await printList(shown, shape(!options.trunc), readListOptions(parsed));
      return 0;
    }),
  );
}

function shape(whole: boolean): ListShape<NetworkObject> {
  return {
    fields: {
      ID: ['NETWORK ID', ({ id }) => (whole ? id : id.slice(0, 12))],
      Name: ['NAME', ({ name }) => name],
      Driver: ['DRIVER', ({ driver }) => driver],
      Scope: ['SCOPE', (_) => 'local'],
      IPv4: ['IPV4', (_) => 'true'],
      IPv6: ['IPV6', (_) => 'false'],
      Internal: ['INTERNAL', ({ internal }) => String(internal)],
      Labels: ['LABELS', ({ labels }) => formatLabels(labels)],
      Label: ['', ({ labels }, name) => labels[name as string] ?? ''],
      CreatedAt: ['CREATED AT', ({ created }) => created],
    },
    columns: ['ID', 'Name', 'Driver'],
    id: 'ID',
  };
}

type Filters = Readonly<Record<string, readonly string[]>>;

/** One value of each key, and all labels, as docker does it. */
function fits(network: NetworkObject, filters: Filters, used: ReadonlySet<string>): boolean {
  const tests: Readonly<Record<string, (value: string) => boolean>> = {
    dangling: (value) => isTrue(value) === (!network.builtin && !used.has(network.name)),
    driver: (value) => network.driver === value,
    id: (value) => network.id.startsWith(value),
    name: (value) => network.name.includes(value),
    scope: (value) => value === 'local',
    type: (value) => value === (network.builtin ? 'builtin' : 'custom'),
    label: (value) => hasLabel(network, value),
  };
  return Object.entries(filters).every(([key, values]) => {
    const test = tests[key] as (value: string) => boolean;
    return key === 'label' ? values.every(test) : values.some(test);
  });
}

function hasLabel({ labels }: NetworkObject, wanted: string): boolean {
  const at = wanted.indexOf('=');
  return at < 0 ? Object.hasOwn(labels, wanted) : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}

const isTrue = (value: string): boolean => value === 'true' || value === '1';
