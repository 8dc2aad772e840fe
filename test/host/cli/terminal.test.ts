import { afterEach, expect } from 'vitest';
import { TerminalSession } from '../../support/pty.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'overlay');
const state = tempRoot();
const size = { columns: 100, rows: 40 };
const RUN = [...state.flags, 'run', '--rm', '--network=none'];

let session: TerminalSession | undefined;
afterEach(() => session?.destroy());

function open(...args: string[]): TerminalSession {
  session = new TerminalSession([...RUN, ...args], size);
  return session;
}

/** A shell that shows a prompt of ours and no escape sequences. */
const shell = () => open('-it', '-e', 'PS1=ready> ', '-e', 'TERM=dumb', 'host', 'bash', '--norc', '--noediting');

describe('a terminal of its own', () => {
  it('has a tty, the size of ours, and follows it', async () => {
    const terminal = shell();
    await terminal.see(/ready> /);
    await terminal.enter('tty', /\/dev\/pts\/0\r\n/);
    await terminal.enter('stty size', /\n40 100\r\n/);
    terminal.resize(132, 50);
    await terminal.enter('sleep 0.3; stty size', /\n50 132\r\n/);
    terminal.type('exit 7\r');
    expect((await terminal.end()).status).toBe(7);
  });

  it('has that size from its first moment', async () => {
    const terminal = open('-it', 'host', 'stty', 'size');
    await terminal.see(/^40 100\r\n$/);
    expect((await terminal.end()).status).toBe(0);
  });

  it('Ctrl-C reaches the program inside, and the shell lives on', async () => {
    const terminal = shell();
    await terminal.see(/ready> /);
    await terminal.enter('trap "echo interrupted" INT; sleep 60 & fg', /sleep 60\r\n/);
    const from = terminal.output.length;
    terminal.type('\x03');
    await terminal.see(/ready> /, from);
    await terminal.enter('echo status-$?', /status-130|status-0/);
    terminal.type('exit\r');
    await terminal.end();
  });

  it('has job control: Ctrl-Z stops, fg goes on', async () => {
    const terminal = shell();
    await terminal.see(/ready> /);
    const from = terminal.output.length;
    terminal.type('sleep 60\r');
    await terminal.see(/sleep 60\r\n/, from);
    await terminal.insist('\x1a', /Stopped/);
    await terminal.enter('jobs', /\[1\]\+ +Stopped +sleep 60/);
    await terminal.enter('kill -9 %1; wait; echo end-$((1+1))', /end-2/);
    terminal.type('exit 3\r');
    expect((await terminal.end()).status).toBe(3);
  });

  it('lines end as the program wrote them: ours translates nothing', async () => {
    const terminal = shell();
    await terminal.see(/ready> /);
    const [line] = await terminal.enter('stty -onlcr; printf "a\\nb\\r\\nc"; stty onlcr', /a\n.*b\r+\n.*c/s);
    expect(line).toMatch(/a\nb\r\nc/);
    terminal.type('exit\r');
    await terminal.end();
  });
});

describe('our own terminal', () => {
  it('is as it was, whatever ended the command', async () => {
    for (const [script, status] of [
      ['exit 0', 0],
      ['exit 5', 5],
    ] as const) {
      const terminal = open('-it', 'host', 'sh', '-c', `echo up; read line; ${script}`);
      const before = terminal.termios;
      await terminal.see(/up/);
      expect(terminal.termios).not.toBe(before);
      terminal.type('\r');
      expect(await terminal.end()).toEqual({ status, termios: before });
    }
  });

  it('is as it was after an error in the launch', async () => {
    const terminal = open('-it', 'host', 'no-such-command');
    const before = terminal.termios;
    await terminal.see(/ERR_TSBOX_COMMAND_NOT_FOUND/);
    expect(await terminal.end()).toEqual({ status: 127, termios: before });
  });
});

describe('-t without -i', () => {
  it('shows what is written to the terminal', async () => {
    const terminal = open('-t', 'host', 'sh', '-c', 'tty; test -t 0 && test -t 1 && echo both');
    await terminal.see(/\/dev\/pts\/0\r+\nboth/);
    expect((await terminal.end()).status).toBe(0);
  });

  it('a third Ctrl-C gives up on a command that ignores it', async () => {
    const terminal = open('-t', 'host', 'sh', '-c', "trap '' INT; echo up; while :; do sleep 0.1; done");
    await terminal.see(/up/);
    for (let count = 0; count < 3; count++) {
      terminal.type('\x03');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect((await terminal.end()).status).toBe(137);
  });
});
