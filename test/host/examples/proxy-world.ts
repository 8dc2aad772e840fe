import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Speaks to the proxy as it is told, byte for byte. */
export const raw = (text: string) => `printf '${text}' | nc -w 3 127.0.0.1 3128`;
export const get = (url: string, host: string) =>
  raw(`GET ${url} HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n`);
export const tunnel = (to: string) => raw(`CONNECT ${to} HTTP/1.1\\r\\nHost: ${to}\\r\\n\\r\\n`);

/** The world outside: says what it was asked, gives 64 MiB, counts what it is sent. */
const SERVER = `
  const block = Buffer.alloc(1 << 20, 'x');
  async function answer(asked, back) {
    if (asked.url === '/big') {
      for (let i = 0; i < 64; i++) if (!back.write(block)) await new Promise((go) => back.once('drain', go));
      return back.end();
    }
    let size = 0;
    for await (const chunk of asked) size += chunk.length;
    back.end(asked.method + ' ' + asked.url + ' at ' + asked.headers.host + ' of ' + asked.socket.remoteAddress + ', ' + size + '\\n');
  }
  const ports = [80, 443, 8080];
  Promise.all(ports.map((port) => new Promise((go) => require('http').createServer(answer).listen(port, '0.0.0.0', go))))
    .then(() => console.log('ready'));`;

export async function serve(namespace: string): Promise<ChildProcess> {
  const server = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(server.stdout, 'data');
  return server;
}
