import { closeSync, existsSync, readlinkSync, writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { openPtyStream } from '../../../core/engine/pty-stream.js';
import { O_CLOEXEC, O_NOCTTY, O_RDWR } from '../../../core/kernel/fcntl.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { AT_FDCWD } from '../../../core/kernel/mount.js';
import { TIOCGPTPEER, TIOCSPTLCK } from '../../../core/kernel/tty.js';

const gate = new LibcGate();

/** Both sides of a new pty. */
function openPty(): { master: number; terminal: number } {
  const master = gate.call('openat', AT_FDCWD, '/dev/ptmx', O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
  gate.call('ioctl', master, TIOCSPTLCK, Buffer.alloc(4));
  return { master, terminal: gate.call('ioctl', master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC) };
}

const targetOf = (fd: number) => (existsSync(`/proc/self/fd/${fd}`) ? readlinkSync(`/proc/self/fd/${fd}`) : undefined);
const closed = (stream: NodeJS.ReadableStream) => new Promise((resolve) => stream.once('close', resolve));

it.each(['', 'a line\n', 'x'.repeat(3000)])(
  'ends where the terminal was closed before it is read: %j',
  async (output) => {
    const { master, terminal } = openPty();
    if (output !== '') writeSync(terminal, output);
    closeSync(terminal);
    const stream = openPtyStream(master);
    const gone = closed(stream);
    expect(await text(stream)).toBe(output.replace('\n', '\r\n'));
    await gone;
  },
);

it.each(['', 'a line\n'])('ends where the terminal is closed while it is read: %j', async (output) => {
  const { master, terminal } = openPty();
  const stream = openPtyStream(master);
  const gone = closed(stream);
  const read = text(stream);
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (output !== '') writeSync(terminal, output);
  await new Promise((resolve) => setTimeout(resolve, 20));
  closeSync(terminal);
  expect(await read).toBe(output.replace('\n', '\r\n'));
  await gone;
});

it('is closed by whoever gives it up, and then holds nothing', async () => {
  const { master, terminal } = openPty();
  const stream = openPtyStream(master);
  const gone = closed(stream);
  stream.destroy();
  await gone;
  // Its number may be somebody else's by now.
  expect(targetOf(master)).not.toBe('/dev/ptmx');
  closeSync(terminal);
});
