import { Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { addRunOptions, givenSettings } from '../../../cli/run-options.js';

/** What `tsbox run ARGV` is read as. */
function read(...argv: string[]) {
  const program = new Command('tsbox').enablePositionalOptions().exitOverride();
  const run = program
    .command('run')
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  let operands: unknown[] = [];
  addRunOptions(run).action((image: string, args: string[]) => {
    operands = [image, ...args];
  });
  program.parse(['run', ...argv], { from: 'user' });
  return { settings: givenSettings(run), operands };
}

describe('options of run', () => {
  it('end at IMAGE', () => {
    expect(read('--rm', 'host', 'ls', '--rm', '-e', 'A=1', '--', '-x')).toEqual({
      settings: { rm: true },
      operands: ['host', 'ls', '--rm', '-e', 'A=1', '--', '-x'],
    });
  });

  it('end at --', () => {
    expect(read('--rm', '--', 'host', '-x')).toEqual({ settings: { rm: true }, operands: ['host', '-x'] });
  });

  it('--memory 256m, --memory=256m, -m 256m and -m256m are one', () => {
    for (const argv of [['--memory', '256m'], ['--memory=256m'], ['-m', '256m'], ['-m256m']]) {
      expect(read(...argv, 'host').settings).toEqual({ memory: '256m' });
    }
  });

  it('-it and -ti combine, also with an option that takes a value', () => {
    expect(read('-it', 'host').settings).toEqual({ interactive: true, tty: true });
    expect(read('-ti', 'host').settings).toEqual({ interactive: true, tty: true });
    expect(read('-itw', '/srv', 'host').settings).toEqual({ interactive: true, tty: true, workdir: '/srv' });
  });

  it('may be repeated where they are lists; else the last one counts', () => {
    expect(
      read('-e', 'A=1', '--env', 'B=2', '-p', '1:1', '--publish=2:2', '--name', 'ab', '--name', 'cd', 'host').settings,
    ).toEqual({
      env: ['A=1', 'B=2'],
      publish: ['1:1', '2:2'],
      name: 'cd',
    });
  });

  it('booleans can be taken back', () => {
    expect(read('--read-only=false', '--rm=true', 'host').settings).toEqual({ readOnly: false, rm: true });
    expect(read('--rm', '--rm=false', 'host').settings).toEqual({ rm: false });
  });

  it('-h is the host name', () => {
    expect(read('-h', 'web', 'host').settings).toEqual({ hostname: 'web' });
  });

  it("docker's other spellings are known", () => {
    expect(read('--net=none', '--dns-opt=ndots:2', '--dns-option', 'rotate', 'host').settings).toEqual({
      network: 'none',
      dnsOption: ['ndots:2', 'rotate'],
    });
  });

  it('values may look like options or be negative', () => {
    expect(read('--entrypoint', '--x', '--pids-limit', '-1', '-e', '-A=1', 'host').settings).toEqual({
      entrypoint: '--x',
      pidsLimit: '-1',
      env: ['-A=1'],
    });
  });

  it.each([[[]], [['--nosuch', 'host']], [['--rm=perhaps', 'host']], [['-z', 'host']], [['--memory']]])(
    '%j is refused',
    (argv) => {
      expect(() => read(...argv)).toThrow(CommanderError);
    },
  );
});
