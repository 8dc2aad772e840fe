import type { AddressInfo, Socket } from 'node:net';

/** What a worker is asked for, as a line of JSON; it answers with one. */
export type WorkerRequest =
  /** Answers the port; 0 lets the kernel choose. */
  | { readonly act: 'listen'; readonly host: string; readonly port: number }
  /** Answers its IPv4 addresses beside those of the loopback: {@link WorkerAddress}. */
  | { readonly act: 'addresses' }
  /** Answers the address that the listener sees. */
  | ({ readonly act: 'who' } & Target)
  /** These answer nanoseconds in all. */
  | ({ readonly act: 'connect' } & Target & Repeated)
  | ({ readonly act: 'round-trips' } & Target & Repeated & Sized)
  | ({ readonly act: 'send' } & Target & Sized);

interface Target {
  readonly host: string;
  readonly port: number;
  /** For each connection. */
  readonly timeoutMs: number;
}

interface Repeated {
  readonly count: number;
}

interface Sized {
  readonly bytes: number;
}

export interface WorkerAddress {
  readonly address: string;
  /** `10.0.0.2/24`. */
  readonly cidr: string;
}

export type WorkerAnswer = { readonly value: unknown } | { readonly error: string };

/** What a worker gets of its own Node. */
interface Tools {
  readonly net: typeof import('node:net');
  readonly os: typeof import('node:os');
  readonly readline: typeof import('node:readline');
}

/**
 * Both ends of every connection that is measured: a process of Node, in a container or on the host. The text of
 * this class is what is handed to `node -e`: nothing else of this file, and nothing that is imported, is there.
 */
class Worker {
  readonly #tools: Tools;
  /** The first byte of a connection: its rest is sent back, it is told where it comes from, or it is only read. */
  readonly #modes = { echo: 'e', who: 'w', sink: 's' } as const;

  constructor(tools: Tools) {
    this.#tools = tools;
    const answer = (text: WorkerAnswer) => process.stdout.write(`${JSON.stringify(text)}\n`);
    const told = tools.readline.createInterface({ input: process.stdin });
    told.on('line', (line) => {
      this.#act(JSON.parse(line)).then(
        (value) => answer({ value }),
        (error: Error) => answer({ error: error.message }),
      );
    });
    // Whoever started it is gone.
    told.on('close', () => process.exit());
  }

  async #act(request: WorkerRequest): Promise<unknown> {
    switch (request.act) {
      case 'listen':
        return this.#listen(request.host, request.port);
      case 'addresses':
        return this.#addresses();
      case 'who':
        return this.#who(request);
      case 'connect':
        return this.#connect(request);
      case 'round-trips':
        return this.#roundTrips(request);
      case 'send':
        return this.#send(request);
    }
  }

  #addresses(): WorkerAddress[] {
    const all = Object.values(this.#tools.os.networkInterfaces()).flatMap((own) => own ?? []);
    return all
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address, cidr }) => ({ address, cidr: cidr ?? `${address}/32` }));
  }

  #listen(host: string, port: number): Promise<number> {
    const server = this.#tools.net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#serve(socket),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
    });
  }

  #serve(socket: Socket): void {
    const { echo, who } = this.#modes;
    let mode = '';
    socket.on('data', (data: Buffer) => {
      const begins = mode === '';
      if (begins) mode = String.fromCharCode(data[0] as number);
      if (begins && mode === who) socket.write(String(socket.remoteAddress));
      const rest = begins ? data.subarray(1) : data;
      if (mode === echo && rest.length > 0) socket.write(rest);
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => socket.destroy());
  }

  /** One connection, until both ends have closed it. */
  #connection({ host, port, timeoutMs }: Target, talk: (socket: Socket) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = this.#tools.net.connect({ host, port, allowHalfOpen: true, noDelay: true });
      const silent = () => socket.destroy(new Error(`no answer of ${host} within ${timeoutMs / 1000} s`));
      const timer = setTimeout(silent, timeoutMs);
      socket.once('connect', () => talk(socket));
      socket.once('error', reject);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #who(target: Target): Promise<string> {
    let seen = '';
    await this.#connection(target, (socket) => {
      socket.on('data', (data) => {
        seen += String(data);
      });
      socket.end(this.#modes.who);
    });
    return seen;
  }

  async #connect(request: Target & Repeated): Promise<number> {
    const start = process.hrtime.bigint();
    for (let i = 0; i < request.count; i++) await this.#connection(request, (socket) => socket.resume().end());
    return Number(process.hrtime.bigint() - start);
  }

  async #roundTrips(request: Target & Repeated & Sized): Promise<number> {
    const message = Buffer.alloc(request.bytes, 'x');
    let took = 0;
    await this.#connection(request, (socket) => {
      // The first one only opens the way.
      let left = request.count + 1;
      let missing = request.bytes;
      let start = 0n;
      socket.on('data', (data: Buffer) => {
        missing -= data.length;
        if (missing > 0) return;
        missing = request.bytes;
        left -= 1;
        if (left === request.count) start = process.hrtime.bigint();
        if (left > 0) return void socket.write(message);
        took = Number(process.hrtime.bigint() - start);
        socket.end();
      });
      socket.write(Buffer.concat([Buffer.from(this.#modes.echo), message]));
    });
    return took;
  }

  async #send(request: Target & Sized): Promise<number> {
    const chunk = Buffer.alloc(65_536, this.#modes.sink);
    let took = 0;
    await this.#connection(request, (socket) => {
      const start = process.hrtime.bigint();
      let left = request.bytes;
      const more = () => {
        while (left > 0) {
          const part = chunk.subarray(0, left);
          left -= part.length;
          if (!socket.write(part)) return void socket.once('drain', more);
        }
        socket.end();
      };
      // The other end closes when it has read all.
      socket.once('end', () => {
        took = Number(process.hrtime.bigint() - start);
      });
      socket.resume();
      more();
    });
    return took;
  }
}

const TOOLS = ['net', 'os', 'readline'].map((name) => `${name}: require('node:${name}')`).join(', ');

/** For `node -e`. */
export const WORKER_CODE = `new (${Worker})({ ${TOOLS} })`;
