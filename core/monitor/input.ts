import { once } from 'node:events';
import type { Socket } from 'node:net';
import { openSocketPath } from '../kernel/unix-socket.js';

/** Frames of the input socket: `u8 type, u8 0, u16 length, payload`; input.c is the other side. */
const FRAME = { data: 'd', resize: 'r', closeStdin: 'c' } as const;
const HEAD_BYTES = 4;
const MOST_PAYLOAD_BYTES = 4096;

/** Input for a detached container. What is sent after its end goes nowhere, without an error. */
export interface InputConnection {
  /** Resolves when there is room for more: a command that does not read holds its writers back. */
  write(data: Uint8Array): Promise<void>;
  /** Sets the size of its terminal, in characters. */
  resize(columns: number, rows: number): Promise<void>;
  /** End of file for the command, for all who are connected; a terminal has none. */
  closeStdin(): Promise<void>;
  /** Leaves; what was written before still arrives. */
  close(): void;
  /** Resolves when the monitor has closed the connection: the run has ended, or eight others are connected. */
  readonly closed: Promise<void>;
}

/** Connects to the input socket of a monitor. @throws Error ENOENT, ECONNREFUSED when there is none */
export async function connectInput(path: string): Promise<InputConnection> {
  const short = openSocketPath(path);
  const socket = process.getBuiltinModule('node:net').connect(short.path);
  try {
    await once(socket, 'connect');
  } finally {
    short.close();
  }
  // EPIPE and ECONNRESET: the run has ended. Then `close` follows.
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    write: async (data) => {
      for (let at = 0; at < data.length; at += MOST_PAYLOAD_BYTES) {
        await send(socket, closed, FRAME.data, data.subarray(at, at + MOST_PAYLOAD_BYTES));
      }
    },
    resize: (columns, rows) => send(socket, closed, FRAME.resize, sizePayload(columns, rows)),
    closeStdin: () => send(socket, closed, FRAME.closeStdin, new Uint8Array(0)),
    close: () => socket.end(() => socket.destroy()),
    closed,
  };
}

async function send(socket: Socket, closed: Promise<void>, type: string, payload: Uint8Array): Promise<void> {
  if (socket.destroyed || socket.writableEnded) return;
  const frame = Buffer.alloc(HEAD_BYTES + payload.length);
  frame.write(type, 0, 'latin1');
  frame.writeUInt16LE(payload.length, 2);
  frame.set(payload, HEAD_BYTES);
  if (!socket.write(frame)) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
}

function sizePayload(columns: number, rows: number): Uint8Array {
  const payload = Buffer.alloc(4);
  payload.writeUInt16LE(Math.min(columns, 0xffff), 0);
  payload.writeUInt16LE(Math.min(rows, 0xffff), 2);
  return payload;
}
