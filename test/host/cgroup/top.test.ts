import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ForegroundContainer, startForeground } from '../../support/foreground.js';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'cgroup1', 'busybox');
const state = tempRoot();
const image = `${state.directory}/image`;
const tsbox = (...args: string[]) => runCli([...state.flags, ...args]);
const script = 'sleep 601 & (exec sleep 602) & echo up; wait';

const kinds = { cgroup: [], none: ['--resources=none', '--privileged'], hostpid: ['--pid=host'] } as const;
const containers: ForegroundContainer[] = [];
beforeAll(async () => {
  busyboxImage(image);
  for (const [name, flags] of Object.entries(kinds))
    containers.push(await startForeground(state, image, name, script, flags));
});
afterAll(async () => {
  for (const container of containers) {
    await container.end();
    await tsbox('rm', '-f', container.name);
  }
});

describe('top', () => {
  it('is docker’s table of ps -ef, with the pids of the host', async () => {
    const { status, stdout } = await tsbox('top', 'cgroup');
    expect(status).toBe(0);
    const [header, ...rows] = stdout.trimEnd().split('\n');
    const columns = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'];
    expect(header).toBe(columns.map((name, index) => (index < 7 ? name.padEnd(20) : name)).join(''));
    const fields = rows.map((row) => row.split(/ {2,}/));
    expect(fields.map((row) => row.at(-1))).toEqual([`sh -c ${script}`, 'sleep 601', 'sleep 602']);
    const [first, second] = fields as [string[], string[]];
    expect(second[2]).toBe(first[1]);
    expect(readFileSync(`/proc/${second[1]}/cmdline`, 'utf8')).toBe(['sleep', '601', ''].join('\0'));
    expect(first.slice(3, 7)).toEqual([
      '0',
      expect.stringMatching(/^\d\d:\d\d$/),
      '?',
      expect.stringMatching(/^00:00:/),
    ]);
    expect(first[0]).toBe('root');
  });

  it.each(['none', 'hostpid'])('finds the processes of one that has %s', async (name) => {
    const { stdout } = await tsbox('top', name, '-o', 'args');
    expect(stdout).toBe(`COMMAND\nsh -c ${script}\nsleep 601\nsleep 602\n`);
  });

  it('takes options of ps for columns', async () => {
    const users = (await tsbox('top', 'cgroup', '-eo', 'pid=ID,user,comm')).stdout;
    expect(users).toMatch(/^ID +USER +COMMAND\n\d+ +root +sh\n\d+ +root +sleep\n\d+ +root +sleep\n$/);
    expect((await tsbox('top', 'cgroup', 'aux')).stdout).toMatch(
      /^USER +PID +%CPU +%MEM +VSZ +RSS +TTY +STAT +START +TIME +COMMAND\nroot +\d+ +\d+\.\d +\d+\.\d +\d+ +\d+ +\? +S\S* /,
    );
  });

  it('refuses others, and one that does not run', async () => {
    const unknown = await tsbox('top', 'cgroup', '--forest');
    expect([unknown.status, unknown.stdout]).toEqual([1, '']);
    expect(unknown.stderr).toMatch(/cannot use the option "--forest" of ps/);
    expect((await tsbox('top', 'cgroup', '-o', 'nope')).stderr).toMatch(/there is no such column\n {2}fix: .*args/);
    expect((await tsbox('top', 'nosuch')).status).toBe(1);
  });

  it('shows what a container calls itself without obeying it', async () => {
    const script = `echo up; sh -c 'sleep 603; :' "$(printf 'a\\033[31mb\\nc')"`;
    const evil = await startForeground(state, image, 'evil', script);
    const { stdout } = await tsbox('top', 'evil', '-o', 'args');
    await evil.end();
    await tsbox('rm', '-f', 'evil');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/ a\?\[31mb\?c$/m);
  });
});
