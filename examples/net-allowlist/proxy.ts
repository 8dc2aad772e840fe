import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { BlockList, connect, type LookupFunction, type Socket } from 'node:net';

/** What may be reached: a name, or with `*.` all names below it; by one port, or by 80 and 443. */
interface Rule {
  readonly host: string;
  readonly ports: readonly number[];
}

/** Reads `registry.example`, `*.example.org:8443`. Undefined if it is neither a name nor an IPv4 address. */
export function parseRule(text: string): Rule | undefined {
  const [, host, port] = /^((?:\*\.)?[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  return host ? { host: host.toLowerCase(), ports: port ? [Number(port)] : [80, 443] } : undefined;
}

function isAllowed(rules: readonly Rule[], name: string, port: number): boolean {
  const asked = name.toLowerCase().replace(/\.$/, '');
  const covers = ({ host }: Rule) => (host.startsWith('*.') ? asked.endsWith(host.slice(1)) : asked === host);
  return rules.some((rule) => covers(rule) && rule.ports.includes(port));
}

/** Where no name may lead: this machine by its loopback, its own links, groups. An address that is listed may. */
const never = new BlockList();
const [four, six] = ['0.0.0.0/8 127.0.0.0/8 169.254.0.0/16 224.0.0.0/3', '::/127 fe80::/10 ff00::/8'];
for (const block of `${four} ${six}`.split(' ')) {
  const [net = '', bits] = block.split('/');
  never.addSubnet(net, Number(bits), net.includes(':') ? 'ipv6' : 'ipv4');
}

const resolve: LookupFunction = (name: string, options: LookupOptions, done) => {
  lookup(name, { ...options, all: true }, (error, found: LookupAddress[] = []) => {
    const good = found.filter(({ address, family }) => !never.check(address, family === 6 ? 'ipv6' : 'ipv4'));
    const [first] = good;
    if (error || !first) return done(error ?? new Error(`${name} leads to no other machine`), '', 0);
    if (options.all) return done(null, good);
    done(null, first.address, first.family);
  });
};

/** Headers that are one connection's own, those that the header `connection` names among them. */
function onward(headers: IncomingHttpHeaders, dropped: readonly string[]): IncomingHttpHeaders {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
  const own = ['connection', 'keep-alive', 'expect', 'proxy-connection', 'proxy-authorization', 'te', 'upgrade'];
  const without = new Set([...own, ...named, ...dropped]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !without.has(name)));
}

/** The target of a request in absolute form, whose header `host` says the same. */
function readTarget({ url = '', headers }: IncomingMessage): URL | undefined {
  try {
    const target = new URL(url);
    const said = headers.host === undefined ? target : new URL(`http://${headers.host}`);
    return target.protocol === 'http:' && !target.username && said.host === target.host ? target : undefined;
  } catch {
    return undefined;
  }
}

/** Serves a listening socket; closes it, and every connection, when the returned function is called. */
export function serveProxy(fd: number, hosts: readonly string[]): () => void {
  const rules = hosts.map(parseRule).filter((rule) => rule !== undefined);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket)));
  };
  const refusal = (place: string) => `tsbox: ${place} is not among the hosts that this container may reach\n`;

  function forward(incoming: IncomingMessage, answer: ServerResponse): void {
    const fail = (status: number, text: string) => answer.writeHead(status, { connection: 'close' }).end(text);
    const target = readTarget(incoming);
    if (!target) return void fail(400, 'tsbox: not a request for a proxy, or with another host in its header\n');
    const { hostname, host, pathname, search } = target;
    const port = Number(target.port || 80);
    if (!isAllowed(rules, hostname, port)) return void fail(403, refusal(`${hostname}:${port}`));
    const { method } = incoming;
    const headers = { ...onward(incoming.headers, []), host };
    const asked = request({ hostname, port, method, path: pathname + search, headers, lookup: resolve, agent: false });
    asked.on('socket', keep).on('response', (back) => {
      answer.writeHead(back.statusCode ?? 502, onward(back.headers, ['transfer-encoding']));
      back.on('error', () => answer.destroy()).pipe(answer);
    });
    asked.on('error', ({ message }) => (answer.headersSent ? answer.destroy() : fail(502, `tsbox: ${message}\n`)));
    answer.on('close', () => asked.destroy());
    incoming.pipe(asked);
  }

  function tunnel({ url = '' }: IncomingMessage, client: Socket, head: Buffer): void {
    const fail = (status: string, text: string) => client.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n${text}`);
    const [, host, port] = /^([a-z0-9._-]+):(\d{1,5})$/i.exec(url) ?? [];
    if (!host || !isAllowed(rules, host, Number(port))) return void fail('403 Forbidden', refusal(url));
    const server = connect({ host, port: Number(port), lookup: resolve, allowHalfOpen: true });
    keep(server);
    let open = false;
    server.once('error', ({ message }) => open || fail('502 Bad Gateway', `tsbox: ${message}\n`));
    server.once('connect', () => {
      open = true;
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.write(head);
      client.pipe(server).pipe(client);
    });
    client.once('close', () => server.destroySoon());
    server.once('close', () => client.destroySoon());
  }

  const proxy = createServer({ requestTimeout: 0 }, forward);
  // Who has asked all may close that side, and waits for the answer.
  Object.assign(proxy, { httpAllowHalfOpen: true });
  proxy.on('connection', keep).on('connect', (incoming, client, head) => tunnel(incoming, client as Socket, head));
  proxy.listen({ fd });
  return () => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  };
}
