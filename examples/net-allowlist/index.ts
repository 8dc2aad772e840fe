import { closeSync } from 'node:fs';
import {
  type ChildProgram,
  definePlugin,
  InterfaceSetup,
  type Launch,
  Memory,
  type NetworkDriver,
  type OptionValues,
  openOwnNetwork,
  receiveDescriptor,
  type Support,
  socketPair,
  unsupported,
  WORKS,
} from 'tsbox/plugin';
import { parseRule, serveProxy } from './proxy.js';

const table = {
  hosts: { type: 'array', items: { type: 'string' }, default: [], description: 'NAME, *.DOMAIN, NAME:PORT' },
  port: { type: 'integer', minimum: 1, maximum: 65535, default: 3128, description: 'of the proxy, inside' },
} as const;

const [AF_INET, SOCK_STREAM_CLOEXEC, BACKLOG] = [2, 0x80001, 128];
/** What launches of this process hold, by id: a socket to the child, and then a proxy. */
const sockets = new Map<string, number>();
const proxies = new Map<string, () => void>();

/** A namespace with nothing but a loopback. On that listens a proxy whose other side is the engine's process. */
class AllowlistDriver implements NetworkDriver {
  /** What leads out of the container ends with this process: one that is detached is refused. */
  readonly capabilities = {
    ownNamespace: true,
    ports: false,
    address: false,
    unprivileged: true,
    attended: true,
  } as const;

  constructor(readonly options: OptionValues<typeof table>) {}

  check(): Support {
    const wrong = this.options.hosts.find((host) => !parseRule(host));
    if (wrong === undefined) return WORKS;
    return unsupported(
      `${JSON.stringify(wrong)} is no host`,
      'option "hosts" of net-allowlist: NAME, *.DOMAIN, NAME:PORT',
    );
  }

  async prepare(launch: Launch): Promise<void> {
    launch.namespaces.add('net');
    // The proxy resolves names; nothing else could.
    launch.network.nameservers = [];
    const { port, hosts } = this.options;
    launch.facts['net-allowlist'] = { proxy: `http://127.0.0.1:${port}`, hosts };
  }

  /** A socket stays in the namespace in which it was made, whoever has it: it is made here and given away. */
  record(child: ChildProgram, launch: Launch): void {
    const [{ outside }, { port }] = [child, this.options];
    new InterfaceSetup(child).loopbackUp().close();
    const [engine] = child.receive(['net-allowlist']);
    if (!engine) throw new Error('no socket to the engine');
    const listener = outside.callTo('listener', 'socket', [AF_INET, SOCK_STREAM_CLOEXEC, 0]);
    const address = new Memory(16, 'sockaddr_in');
    address.bytes.set([AF_INET, 0, port >> 8, port & 255, 127, 0, 0, 1]);
    outside.call('bind', [listener, address, 16], { note: `bind 127.0.0.1:${port}` });
    outside.call('listen', [listener, BACKLOG]);
    child.send(engine, listener, 'the listening socket, for the engine');
    for (const fd of [listener, engine]) outside.call('close', [fd]);
    openOwnNetwork(child, launch.idMaps);
  }

  async attach(launch: Launch): Promise<void> {
    const run = () => {
      const [ours, theirs] = socketPair(launch.gate);
      sockets.set(launch.id, ours);
      launch.handOver('net-allowlist', theirs);
    };
    const undo = { kind: 'close', args: { id: launch.id } };
    await launch.step({ action: 'proxy', target: `lets out to ${this.options.hosts.join(' ')}`, undo, run });
  }
}

/** The command runs, so its listener was sent; whoever connected meanwhile waits in its queue. */
function startProxy({ id, gate, facts }: Launch): void {
  const listener = receiveDescriptor(gate, sockets.get(id) as number);
  if (listener === undefined) throw new Error('the container sent no listening socket');
  proxies.set(id, serveProxy(listener, facts['net-allowlist']?.hosts as string[]));
}

/** In a launch and in an exec; what the user set stays. */
function tellCommand({ command: { env }, facts }: Launch): void {
  const proxy = String(facts['net-allowlist']?.proxy);
  const wanted = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: 'localhost,127.0.0.1,::1' };
  for (const [upper, value] of Object.entries(wanted))
    for (const name of [upper, upper.toLowerCase()])
      if (!env.some((line) => line.startsWith(`${name}=`))) env.push(`${name}=${value}`);
}

function close(id: string): void {
  const socket = sockets.get(id);
  if (socket !== undefined) closeSync(socket);
  proxies.get(id)?.();
  for (const held of [sockets, proxies]) held.delete(id);
}

export default definePlugin({
  name: 'net-allowlist',
  apiVersion: 1,
  options: table,
  drivers: { network: { allowlist: (_tools, own) => new AllowlistDriver(own) } },
  hooks: { preExec: ({ launch }) => tellCommand(launch), postStart: ({ launch }) => startProxy(launch) },
  undo: { close: ({ id }) => close(String(id)) },
});
