import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  completeNetworkFiles,
  definePlugin,
  isPinned,
  type JsonObject,
  type Launch,
  type NetworkDriver,
  type OptionValues,
  pinNamespace,
  recordOwnLoopback,
  TsboxError,
  unpinNamespace,
  unsupported,
  WORKS,
} from 'tsbox/plugin';

const table = {
  conflist: { type: 'string', required: true, pattern: '^/', description: 'file that describes the network' },
  path: { type: 'array', items: { type: 'string' }, default: ['/usr/lib/cni'], description: 'where the plugins are' },
} as const;

/** What is used of a conflist, and of a result: SPEC.md of containernetworking/cni, version 1.0. */
type Network = {
  name: string;
  cniVersion: string;
  plugins: { type: string; capabilities?: Record<string, boolean> }[];
};
type Item = { address?: string; gateway?: string; mac?: string; sandbox?: string };
type Result = { ips?: Item[]; interfaces?: Item[]; dns?: { nameservers?: string[]; search?: string[] } };
type Call = { readonly id: string; readonly path: readonly string[]; readonly config: JsonObject };

/** Networks that are made by programs which follow the Container Network Interface. */
class CniDriver implements NetworkDriver {
  readonly capabilities: NetworkDriver['capabilities'];
  readonly prepare = async ({ namespaces }: Launch) => void namespaces.add('net');
  readonly record = recordOwnLoopback;
  readonly #network: Network;

  constructor(readonly options: OptionValues<typeof table>) {
    this.#network = JSON.parse(readFileSync(options.conflist, 'utf8')) as Network;
    const ports = this.#network.plugins.some(({ capabilities }) => capabilities?.portMappings);
    this.capabilities = { ownNamespace: true, ports, address: false, unprivileged: false };
  }

  check() {
    const { path } = this.options;
    const missing = this.#network.plugins.find(({ type }) => !path.some((place) => existsSync(join(place, type))));
    if (!missing) return WORKS;
    return unsupported(`no ${missing.type} in ${path.join(' ')}`, 'apt install containernetworking-plugins');
  }

  /** The namespace is kept by a mount until all is taken back: DEL finds it there, whoever has died. */
  async attach(launch: Launch): Promise<void> {
    const { id, gate, pid, paths, spec } = launch;
    const [{ name, cniVersion, plugins }, { path }, pin] = [this.#network, this.options, pinOf(id, paths.runroot)];
    const keep = () => pinNamespace(gate, `/proc/${pid}/ns/net`, pin);
    await launch.step({ action: 'mount', target: pin, undo: { kind: 'unpin', args: { id } }, run: keep });
    const portMappings = spec.network.ports.map(({ hostIp = '', ...port }) => ({ ...port, hostIP: hostIp }));
    let result: Result | undefined;
    for (const { capabilities, ...plugin } of plugins) {
      const runtimeConfig = capabilities?.portMappings ? { portMappings } : {};
      const config = { ...plugin, name, cniVersion, runtimeConfig, ...(result && { prevResult: result }) };
      const undo = { kind: 'del', args: { id, path, config: config as JsonObject } };
      const run = () => callPlugin('ADD', undo.args, pin);
      result = await launch.step({ action: 'cni', target: `ADD ${plugin.type}`, undo, run });
    }
    const { ips: [ip] = [], interfaces = [], dns = {} } = result ?? {};
    const [address = '', prefix] = ip?.address?.split('/') ?? [];
    const tell = () => {
      writeFileSync(`${pin}.json`, JSON.stringify(result));
      completeNetworkFiles(launch, { address, ...dns });
    };
    await launch.step({ action: 'write', target: `${pin}.json /etc/hosts /etc/resolv.conf`, run: tell });
    const way = ip?.gateway === undefined ? {} : { gateway: ip.gateway };
    const mac = interfaces.find(({ sandbox }) => sandbox)?.mac ?? '';
    const networks = [{ network: 'cni', link: 'eth0', address, prefix: Number(prefix), mac, ...way }];
    launch.facts['net-cni'] = { address, ...way, dns, networks };
  }
}

function callPlugin(command: 'ADD' | 'DEL', { id, path, config }: Call, netns: string): Promise<Result> {
  const program = path.map((place) => join(place, String(config.type))).find(existsSync) ?? String(config.type);
  const asked = { CNI_COMMAND: command, CNI_CONTAINERID: id, CNI_NETNS: netns, CNI_IFNAME: 'eth0' };
  const env = { ...asked, CNI_PATH: path.join(':'), PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  return new Promise((resolve, reject) => {
    const child = execFile(program, { env, timeout: 60_000 }, (error, stdout) => {
      if (!error) return resolve(JSON.parse(stdout || '{}'));
      const { msg, details = '' } = stdout.startsWith('{') ? JSON.parse(stdout) : { msg: error.message };
      const what = `CNI plugin ${config.type} failed to ${command}`;
      reject(new TsboxError('ERR_TSBOX_STEP_FAILED', { what, why: `${msg} ${details}`.trim() }));
    });
    child.stdin?.on('error', () => {}).end(JSON.stringify(config));
  });
}

const pinOf = (id: unknown, runroot: string) => join(runroot, 'net-cni', String(id));

export default definePlugin({
  name: 'net-cni',
  apiVersion: 1,
  options: table,
  drivers: { network: { cni: (_tools, own) => new CniDriver(own) } },
  undo: {
    /** Also of an ADD that never came. A namespace that is gone has no path; a file just begun says nothing. */
    del: async (args, { runroot }) => {
      const [{ config, ...call }, pin] = [args as Call, pinOf(args.id, runroot)];
      const text = existsSync(`${pin}.json`) ? readFileSync(`${pin}.json`, 'utf8') : '';
      const whole = { ...config, ...(text && { prevResult: JSON.parse(text) }) };
      await callPlugin('DEL', { ...call, config: whole }, isPinned(pin) ? pin : '');
    },
    unpin: ({ id }, { gate, runroot }) => {
      unpinNamespace(gate, pinOf(id, runroot));
      rmSync(`${pinOf(id, runroot)}.json`, { force: true });
    },
  },
});
