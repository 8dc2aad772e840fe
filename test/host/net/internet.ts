import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { NODE, serverCode } from './actors.js';

/** A network namespace that stands for the world outside: joined to the host by a veth pair. */
export interface Outside {
  readonly namespace: string;
  /** The host's end. */
  readonly link: string;
  readonly hostAddress: string;
  readonly address: string;
  /** Starts a server there; its log says who asked. */
  serve(port: number): Promise<{ readonly log: () => string }>;
  close(): Promise<void>;
}

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

/** @param number from 1: which of the documentation networks 198.51.100.0/28, .16/28 … it has */
export async function makeOutside(number: number): Promise<Outside> {
  const namespace = `outside${number}-${process.pid}`;
  const [link, peer] = [`o${number}h${process.pid}`, `o${number}n${process.pid}`];
  const base = (number - 1) * 16;
  const [hostAddress, address] = [`198.51.100.${base + 1}`, `198.51.100.${base + 2}`];
  ip('netns', 'add', namespace);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', peer, 'netns', namespace);
  ip('address', 'add', `${hostAddress}/28`, 'dev', link);
  ip('link', 'set', link, 'up');
  ip('-n', namespace, 'address', 'add', `${address}/28`, 'dev', peer);
  ip('-n', namespace, 'link', 'set', peer, 'up');
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
  // It knows the way to nothing but the host: an answer to a container's own address would be lost.
  const servers: ChildProcess[] = [];
  return {
    namespace,
    link,
    hostAddress,
    address,
    serve: async (port) => {
      const server = spawn('ip', ['netns', 'exec', namespace, NODE, '-e', serverCode(port)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      servers.push(server);
      let log = '';
      await new Promise<void>((resolve) => {
        server.stdout.on('data', (chunk: Buffer) => {
          log += chunk;
          if (log.includes('ready')) resolve();
        });
      });
      return { log: () => log };
    },
    close: async () => {
      await Promise.all(servers.map(end));
      ip('netns', 'delete', namespace);
      // The kernel removes the pair with the namespace, but later.
      try {
        ip('link', 'delete', link);
      } catch {}
    },
  };
}

/** Adds a route or changes a link, as a host's administrator would. */
export const administrate = ip;

function end(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    server.once('close', () => resolve());
    server.kill('SIGKILL');
  });
}
