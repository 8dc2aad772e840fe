import { afterEach, beforeAll, expect } from 'vitest';
import { TerminalSession } from '../../support/pty.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { executing } from './support.js';

const { describe, it } = skipUnless('root', 'busybox');
const state = tempRoot();

describe('exec -it', () => {
  const { start } = executing(state);
  let session: TerminalSession | undefined;

  beforeAll(async () => void (await start({ name: 'terminals' })));
  afterEach(() => session?.destroy());

  const open = (flags: readonly string[], ...command: string[]): TerminalSession => {
    session = new TerminalSession([...state.flags, 'exec', ...flags, 'terminals', ...command], {
      columns: 100,
      rows: 40,
    });
    return session;
  };

  it("has a terminal of the container's own, of the size of ours, and follows it", async () => {
    const terminal = open(['-it', '-e', 'PS1=ready> '], 'sh');
    await terminal.see(/ready> /);
    await terminal.enter('tty', /\/dev\/pts\/0\r\n/);
    await terminal.enter('stty size', /\n40 100\r\n/);
    terminal.resize(132, 50);
    await terminal.enter('sleep 0.3; stty size', /\n50 132\r\n/);
    await terminal.enter('echo $TERM', /\nxterm\r\n/);
    terminal.type('exit 7\r');
    expect((await terminal.end()).status).toBe(7);
  });

  it('has that size from its first moment', async () => {
    const terminal = open(['-it'], 'stty', 'size');
    await terminal.see(/^40 100\r\n$/);
    expect((await terminal.end()).status).toBe(0);
  });

  it('has job control, and Ctrl-C reaches the program inside', async () => {
    const terminal = open(['-it', '-e', 'PS1=ready> '], 'sh');
    await terminal.see(/ready> /);
    terminal.type('sleep 60\r');
    await terminal.see(/sleep 60\r\n/);
    await terminal.insist('\x1a', /Stopped/);
    terminal.type('fg\r');
    await terminal.see(/fg\r\n/);
    await terminal.insist('\x03', /ready> /);
    await terminal.enter('echo status-$?', /status-130/);
    terminal.type('exit 3\r');
    expect((await terminal.end()).status).toBe(3);
  });

  it('belongs to its user', async () => {
    const terminal = open(['-it', '-u', 'alice'], 'sh', '-c', 'stat -c %U $(tty); : > /dev/tty && echo opened');
    await terminal.see(/alice\r\nopened\r\n/);
    expect((await terminal.end()).status).toBe(0);
  });

  it('leaves our own terminal as it was, after an error too', async () => {
    for (const [command, status] of [
      ['true', 0],
      ['nosuch', 127],
    ] as const) {
      const terminal = open(['-it'], command);
      const before = terminal.termios;
      expect(await terminal.end()).toEqual({ status, termios: before });
    }
  });

  it('shows what is written to it without -i', async () => {
    const terminal = open(['-t'], 'sh', '-c', 'test -t 0 && test -t 1 && echo both');
    await terminal.see(/both\r/);
    expect((await terminal.end()).status).toBe(0);
  });
});
