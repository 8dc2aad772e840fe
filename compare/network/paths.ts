import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { contains, parseAddress, type Subnet, subnetOf } from '../../core/plugin/index.js';
import { type Opened, opening } from '../opened.js';
import { type Actor, hostActor } from './actor.js';
import { type InContainer, type Lab, startInContainer } from './lab.js';
import { makeOutside } from './outside.js';

const LOOPBACK = '127.0.0.1';
const EVERYWHERE = '0.0.0.0';
/** In a network namespace of its own it is free. */
const CONTAINER_PORT = 7000;
const PROBE_MS = 3_000;

/** The two ends of a path, and where the one finds the other. */
export interface Ends {
  readonly client: Actor;
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A way that packets take. */
export interface NetworkPath {
  readonly name: string;
  readonly title: string;
  /** Completes `Between …`. */
  readonly between: string;
  /** @throws Error why a driver has it not */
  open(lab: Lab, driver: string): Promise<Ends>;
}

type Built = Omit<Ends, 'close'>;
type Words = Pick<NetworkPath, 'name' | 'title' | 'between'>;

/** With what ends are made. */
interface Means {
  readonly lab: Lab;
  readonly driver: string;
  readonly opened: Opened;
}

/** Who answers, where a container finds it, and what is to be known of both before that counts. */
interface Server {
  readonly actor: Actor;
  readonly host: string;
  check?(ends: Built): Promise<void>;
}

/** Makes both ends, and looks whether they reach each other. */
function path(words: Words, build: (means: Means) => Promise<Built>): NetworkPath {
  const open = (lab: Lab, driver: string) =>
    opening(async (opened) => {
      const ends = await build({ lab, driver, opened });
      await seenAs(ends);
      return { ...ends, close: () => opened.close() };
    });
  return { ...words, open };
}

/** From a container to a server that is made for it. */
function fromContainer(words: Words, serve: (client: InContainer, means: Means) => Promise<Server>): NetworkPath {
  return path(words, async (means) => {
    const client = await containerOf(means);
    const { actor, host, check } = await serve(client, means);
    const ends = { client, host, port: await listen(actor, host) };
    await check?.(ends);
    return ends;
  });
}

export const PATHS: readonly NetworkPath[] = [
  fromContainer(
    {
      name: 'container-to-container',
      title: 'container to container',
      between: 'two containers of one network',
    },
    async (_client, means) => {
      const actor = await containerOf(means);
      return { actor, host: actor.shares ? LOOPBACK : addressOf(actor) };
    },
  ),
  fromContainer(
    {
      name: 'container-to-host',
      title: 'container to host',
      between: 'a container and an address of the host on its network',
    },
    async (client, { opened }) => {
      const actor = opened.add(hostActor(), (it) => it.close());
      return { actor, host: client.shares ? LOOPBACK : hostAddress(client) };
    },
  ),
  fromContainer(
    {
      name: 'nat',
      title: 'through NAT',
      between: "a container and a namespace outside that knows no address but the host's",
    },
    async (client, { lab, opened }) => {
      if (client.shares) throw new Error('nothing is translated: a container has the addresses of the host');
      const own = addressOf(client);
      const { actor, address: host } = opened.add(await makeOutside(lab), (it) => it.close());
      const check = async (ends: Built) => {
        const seen = await seenAs(ends);
        if (seen === own) throw new Error(`nothing is translated: ${seen} is seen outside`);
      };
      return { actor, host, check };
    },
  ),
  path(
    {
      name: 'published',
      title: 'through a published port',
      between: 'the host and a container, by a port of the loopback that is published with -p',
    },
    async ({ lab, driver, opened }) => {
      const port = await freePort();
      const publish = [`${LOOPBACK}:${port}:${CONTAINER_PORT}`];
      const server = opened.add(await startInContainer(lab, driver, publish), (it) => it.close());
      await listen(server, EVERYWHERE, CONTAINER_PORT);
      const client = opened.add(hostActor(), (it) => it.close());
      return { client, host: LOOPBACK, port };
    },
  ),
];

async function containerOf({ lab, driver, opened }: Means): Promise<InContainer> {
  return opened.add(await startInContainer(lab, driver), (it) => it.close());
}

function listen(actor: Actor, host: string, port = 0): Promise<number> {
  return actor.ask<number>({ act: 'listen', host, port });
}

/** As what a client is seen by the server. @throws Error when it does not get there */
function seenAs({ client, host, port }: Built): Promise<string> {
  return client.ask<string>({ act: 'who', host, port, timeoutMs: PROBE_MS });
}

function addressOf({ addresses }: InContainer): string {
  const [first] = addresses;
  if (!first) throw new Error('a container has no address but its loopback');
  return first.address;
}

/** What the host is called where the container is: an address of the same subnet. */
function hostAddress(client: InContainer): string {
  addressOf(client);
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const found = own.find(({ family, address }) => family === 'IPv4' && isNeighbour(client, address));
  if (!found) throw new Error('the host has no address on the network of a container');
  return found.address;
}

function isNeighbour({ addresses }: InContainer, address: string): boolean {
  const asked = parseAddress(address) as number;
  return addresses.some(({ cidr }) => contains(subnet(cidr), asked));
}

function subnet(cidr: string): Subnet {
  const [address = '', prefix] = cidr.split('/');
  return subnetOf(parseAddress(address) as number, Number(prefix));
}

/** Somebody else may take it before the container does: then that is said. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
