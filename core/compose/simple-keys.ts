import type { RunKey } from '../config/run-options.js';
import type { KeyReader } from './builder.js';
import { pairsOf } from './node.js';
import { readPorts } from './ports.js';

const TEXTS: Readonly<Record<string, RunKey>> = {
  container_name: 'name',
  hostname: 'hostname',
  domainname: 'domainname',
  working_dir: 'workdir',
  user: 'user',
  mem_limit: 'memory',
  memswap_limit: 'memorySwap',
  mem_reservation: 'memoryReservation',
  cpus: 'cpus',
  cpu_shares: 'cpuShares',
  cpuset: 'cpusetCpus',
  pids_limit: 'pidsLimit',
  shm_size: 'shmSize',
  stop_signal: 'stopSignal',
  stop_grace_period: 'stopTimeout',
  mac_address: 'macAddress',
  restart: 'restart',
};
const LISTS: Readonly<Record<string, RunKey>> = {
  cap_add: 'capAdd',
  cap_drop: 'capDrop',
  group_add: 'groupAdd',
  dns: 'dns',
  dns_search: 'dnsSearch',
  dns_opt: 'dnsOption',
  tmpfs: 'tmpfs',
  devices: 'device',
};
const FLAGS: Readonly<Record<string, RunKey>> = {
  read_only: 'readOnly',
  init: 'init',
  privileged: 'privileged',
  tty: 'tty',
  stdin_open: 'interactive',
};
/** Namespaces: `host`, or the container's own. */
const MODES: Readonly<Record<string, RunKey>> = {
  ipc: 'ipc',
  pid: 'pid',
  uts: 'uts',
  cgroup: 'cgroupns',
  userns_mode: 'userns',
};

const texts = table(TEXTS, (key) => (node, service) => service.text(key, node));
const lists = table(LISTS, (key) => (node, service) => service.list(key, node, node.texts()));
const flags = table(FLAGS, (key) => (node, service) => service.flag(key, node));
const modes = table(MODES, (key) => (node, service) => {
  if (node.text() === 'host' || (node.text() === 'private' && key !== 'userns')) service.text(key, node);
  else service.unsupported(node, `${node.text()} cannot be shared; there are host and the container's own`);
});

/** Keys that are a setting of `run` under another name. */
export const SIMPLE_KEYS: Readonly<Record<string, KeyReader>> = {
  ...texts,
  ...lists,
  ...flags,
  ...modes,
  ports: readPorts,
  labels: (node, service) => {
    const labels = pairsOf(node).map(([key, value = '']) => `${key}=${value}`);
    service.list('label', node, labels);
  },
  label_file: (node, service) =>
    service.list(
      'labelFile',
      node,
      node.items().map((item) => absolute(item.directory, item.text())),
    ),
  extra_hosts: (node, service) => {
    const lines = node.isMap
      ? node.entries().flatMap(([name, addresses]) => addresses.texts().map((address) => `${name}=${address}`))
      : node.texts();
    service.list('addHost', node, lines);
  },
  security_opt: (node, service) => {
    for (const item of node.items()) {
      if (/^no-new-privileges\b/.test(item.text())) service.list('securityOpt', item, [item.text()]);
      else service.unsupported(item, `there is no security option ${item.text()}`);
    }
  },
  ulimits: (node, service) => {
    for (const [name, limit] of node.entries()) {
      const [soft, hard] = limit.isMap ? [limit.child('soft'), limit.child('hard')] : [limit, undefined];
      if (!soft) throw limit.bad('it has no soft limit');
      service.list('ulimit', limit, [`${name}=${soft.text()}${hard ? `:${hard.text()}` : ''}`]);
    }
  },
  blkio_config: (node, service) => {
    for (const [key, value] of node.entries()) {
      if (key === 'weight') service.text('blkioWeight', value);
      else service.unsupported(value, 'only the weight can be set');
    }
  },
  logging: (node, service) => {
    const driver = node.child('driver');
    // Docker's own file drivers are what a file is here.
    const name = ['json-file', 'local'].includes(driver?.text() ?? '') ? 'file' : driver?.text();
    if (driver && name !== undefined) service.text('logDriver', driver, name);
    for (const [key, value] of node.child('options')?.entries() ?? []) {
      if (key === 'max-size' || key === 'max-file') service.list('logOpt', value, [`${key}=${value.text()}`]);
      else service.unsupported(value, 'the options of a log are max-size and max-file');
    }
  },
};

function table(names: Readonly<Record<string, RunKey>>, make: (key: RunKey) => KeyReader): Record<string, KeyReader> {
  return Object.fromEntries(Object.entries(names).map(([name, key]) => [name, make(key)]));
}

function absolute(directory: string, path: string): string {
  return path.startsWith('/') ? path : `${directory}/${path}`;
}
