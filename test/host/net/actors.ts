import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { request } from 'node:http';
import { promisify } from 'node:util';
import type { LibraryEngine } from '../../../core/index.js';
import type { Box } from '../../../core/library/box.js';

/** Programs for both ends of a connection: Node, in a container, in a namespace, or this process. */
export const NODE = process.execPath;
const TIMEOUT_MS = 2_000;
const run = promisify(execFile);

/** Answers on a port, over TCP with HTTP and over UDP, with the address it sees; prints it as well. */
export function serverCode(port: number, host = '0.0.0.0'): string {
  return `
    const seen = (address, how) => (console.log(how + ' ' + address), address);
    require('http').createServer((q, s) => s.setHeader('connection', 'close').end(seen(q.socket.remoteAddress, 'tcp')))
      .listen(${port}, '${host}', () => {
        const u = require('dgram').createSocket('udp4');
        u.on('message', (m, r) => u.send(seen(r.address, 'udp'), r.port, r.address)).bind(${port}, '${host}', () => console.log('ready'));
      });`;
}

/** Prints what the server answers, or the error's code. */
export function clientCode(host: string, port: number): string {
  return `
    const end = (text) => (console.log(text), process.exit());
    require('http').get({ host: '${host}', port: ${port}, timeout: ${TIMEOUT_MS} }, (a) => a.on('data', (d) => end(String(d))))
      .on('timeout', () => end('timeout')).on('error', (e) => end(e.code));`;
}

/** A server in a container; resolves when it listens. */
export async function serve(engine: LibraryEngine, options: object = {}, port = 80): Promise<Box> {
  const box = await engine.run({
    image: 'host',
    command: [NODE, '-e', serverCode(port)],
    network: 'bridge',
    ...options,
  });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    box.stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes('ready')) resolve();
    });
    box.stdout?.on('end', () => reject(new Error(`the server ended: ${said}`)));
  });
  return box;
}

/** Asks from a container. */
export async function askFromBox(engine: LibraryEngine, host: string, port: number): Promise<string> {
  const box = await engine.run({ image: 'host', command: [NODE, '-e', clientCode(host, port)], network: 'bridge' });
  const { stdout, stderr } = await box.result();
  return (stdout + stderr).trim();
}

/** Asks from a network namespace of `ip netns`. */
export async function askFromNamespace(namespace: string, host: string, port: number): Promise<string> {
  const { stdout } = await run('ip', ['netns', 'exec', namespace, NODE, '-e', clientCode(host, port)]);
  return stdout.trim();
}

/** Asks from the host: this process. */
export function ask(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ host, port, timeout: TIMEOUT_MS, agent: false }, (answer) => {
      answer.once('data', (data) => resolve(String(data)));
    });
    asked.on('timeout', () => {
      resolve('timeout');
      asked.destroy();
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end();
  });
}

/** Asks over UDP from the host. */
export async function askUdp(host: string, port: number): Promise<string> {
  const socket = createSocket('udp4');
  try {
    return await new Promise((resolve, reject) => {
      setTimeout(() => resolve('timeout'), TIMEOUT_MS).unref();
      socket.on('error', reject).on('message', (message) => resolve(String(message)));
      socket.send('hello', port, host);
    });
  } finally {
    socket.close();
  }
}

/** The address of a container's interface, as it sees it. */
export async function addressOf(engine: LibraryEngine, options: object = {}): Promise<string> {
  const code = "require('os').networkInterfaces().eth0[0].cidr";
  const box = await engine.run({ image: 'host', command: [NODE, '-p', code], network: 'bridge', ...options });
  const { stdout, stderr } = await box.result();
  return (stdout + stderr).trim();
}
