import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Box, TsboxError } from '../../../core/index.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { compileHunter, executing } from './support.js';

const { describe, it } = skipUnless('root', 'busybox', 'cc');
const EXECS = 2_000;
const AT_ONCE = 4;
const CANARY = 'CANARY-of-the-command';
const SECRET = 'TSBOX_TEST_SECRET=of-the-engine';

interface Catch {
  /** Lines about what it got hold of. */
  readonly lines: readonly string[];
  /** Processes that it attacked, those of them that were not their command yet, and so on: hunter.c. */
  readonly attacked: number;
  readonly early: number;
  readonly refused: number;
  readonly traced: number;
  readonly memory: number;
  readonly canary: number;
  readonly written: number;
}

describe('a hostile program in the container', () => {
  const state = tempRoot();
  const { image, engine, start } = executing(state);
  let decoy: ChildProcess;

  beforeAll(() => {
    compileHunter(image);
    // Of the host, and a child of ours, as the commands are.
    decoy = spawn('sleep', ['600'], { stdio: 'ignore' });
    process.env.TSBOX_TEST_SECRET = 'of-the-engine';
  });
  afterAll(async () => {
    delete process.env.TSBOX_TEST_SECRET;
    const ended = once(decoy, 'exit');
    decoy.kill();
    await ended;
  });

  /** Lets it hunt while commands are executed. */
  async function hunt(
    mode: string,
    options: Parameters<typeof start>[0],
    execs: number,
  ): Promise<{ caught: Catch; ends: (number | string)[] }> {
    const needles = [state.directory, SECRET, 'node_modules', 'TSBOX', '/sys/fs/cgroup', CANARY];
    const command = ['hunter', mode, String(decoy.pid), ...(mode === 'look' ? needles : [])];
    const box = await start({ command, stdio: ['ignore', 'pipe', 'inherit'], ...options });
    const output = box.stdout as Readable;
    await new Promise((resolve) => output.once('readable', resolve));
    const said = text(output);
    const ends = await executeMany(box, execs);
    box.kill(15);
    await box.wait();
    const lines = (await said).trim().split('\n').slice(1);
    const summary = JSON.parse((lines.pop() as string).replace('summary ', '')) as Omit<Catch, 'lines'>;
    console.log(`${mode} ${JSON.stringify(options)}: ${execs} execs, ${JSON.stringify(summary)}`);
    return { caught: { lines, ...summary }, ends };
  }

  /** How each of them ended: exit status, or the code of an error. The n-th is to exit with n modulo 100. */
  async function executeMany(box: Box, execs: number): Promise<(number | string)[]> {
    const ends: (number | string)[] = [];
    let next = 0;
    const worker = async () => {
      for (let index = next++; index < execs; index = next++) {
        try {
          const command = ['sh', '-c', `exit ${index % 100}`];
          const run = await engine().exec(box.id, { command, env: [`MARK=${CANARY}`], stdio: 'ignore' });
          ends[index] = (await run.wait()).status;
        } catch (error) {
          ends[index] = error instanceof TsboxError ? error.code : String(error);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return ends;
  }

  const rightEnds = (execs: number) => Array.from({ length: execs }, (_, index) => index % 100);

  function expectNothingOfOurs({ lines }: Catch): void {
    const kind = (name: string) => lines.filter((line) => line.startsWith(`${name} `)).sort();
    const known = ['exe', 'fd', 'getfd', 'map', 'cwd', 'root'];
    expect(lines.filter((line) => !known.includes(line.split(' ')[0] as string))).toEqual([]);
    for (const line of kind('exe')) expect(line).toMatch(/^exe (\/bin\/busybox|\/memfd:tsbox-launcher \(deleted\))$/);
    for (const line of [...kind('fd'), ...kind('getfd')]) expect(line).toMatch(/^\w+ [012] (\/dev\/null)?$/);
    for (const line of [...kind('cwd'), ...kind('root')]) expect(line).toMatch(/^\w+ \/$/);
    for (const line of kind('map'))
      expect(line).toMatch(/^map( \[\w+\]| \/memfd:tsbox-(launcher|program) \(deleted\))?$/);
  }

  it('sees nothing of ours while 2,000 commands are executed', { timeout: 300_000 }, async () => {
    const { caught, ends } = await hunt('look', {}, EXECS);
    expect(ends).toEqual(rightEnds(EXECS));
    expectNothingOfOurs(caught);
    // It was quick enough; and what it was quick enough for may be looked at by nobody without CAP_SYS_PTRACE.
    expect(caught.attacked).toBeGreaterThan(EXECS / 50);
    expect(caught.refused).toBeGreaterThan(0);
    expect(caught).toMatchObject({ early: 0, traced: 0, memory: 0 });
  });

  it('nor with CAP_SYS_PTRACE, which lets it look at each of them', { timeout: 300_000 }, async () => {
    const { caught, ends } = await hunt('look', { capAdd: ['SYS_PTRACE'] }, EXECS);
    expect(ends).toEqual(rightEnds(EXECS));
    expectNothingOfOurs(caught);
    expect(caught.attacked).toBeGreaterThan(EXECS / 50);
    // It did look: what is the command's own was found there.
    for (const what of ['early', 'traced', 'memory', 'canary'] as const) expect(caught[what]).toBeGreaterThan(0);
  });

  it('nor from a user namespace, where CAP_SYS_PTRACE is no right over them yet', { timeout: 120_000 }, async () => {
    const { caught, ends } = await hunt('look', { capAdd: ['SYS_PTRACE'], userns: '300000:300000:65536' }, 300);
    expect(ends).toEqual(rightEnds(300));
    expectNothingOfOurs(caught);
    expect(caught).toMatchObject({ early: 0, traced: 0, memory: 0 });
  });

  it('that lies to the engine harms its own commands alone', { timeout: 120_000 }, async () => {
    const { caught, ends } = await hunt('vandal', { capAdd: ['SYS_PTRACE'] }, 500);
    expect(caught.lines).toEqual([]);
    expect(caught.written).toBeGreaterThan(0);
    // A process whose memory was overwritten may have died of that, or be believed to have failed.
    const failures = /^ERR_TSBOX_(OP_FAILED|CANNOT_EXECUTE|COMMAND_NOT_FOUND)$/;
    for (const [index, end] of ends.entries()) {
      if (typeof end === 'string') expect(end).toMatch(failures);
      else if (end < 124) expect(end).toBe(index % 100);
    }
    // The pid that it wrote everywhere is that of a process of the host.
    expect(decoy.exitCode).toBeNull();
    expect(decoy.signalCode).toBeNull();
    expect(readFileSync(`/proc/${decoy.pid}/stat`, 'utf8')).toContain('(sleep)');
  });

  it('that sends signals ends its own commands alone', { timeout: 120_000 }, async () => {
    const { caught, ends } = await hunt('signal', {}, 500);
    expect(caught.attacked).toBeGreaterThan(50);
    for (const [index, end] of ends.entries()) expect([index % 100, 128 + 9, 128 + 10]).toContain(end);
    expect(ends.filter((end) => end === 137).length).toBeGreaterThan(0);
  });

  it('and the engine goes on as before', async () => {
    const { exec } = { exec: async () => engine().run({ image, network: 'none', command: ['sh', '-c', 'exit 9'] }) };
    expect((await (await exec()).result()).status).toBe(9);
  });
});
