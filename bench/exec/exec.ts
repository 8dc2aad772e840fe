import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../compile.js';
import { interleave, type Measure } from '../interleave.js';
import { LineProgram } from '../line-program.js';
import { timedProcess } from '../processes.js';
import { engineIn, SMALL, withScratchDisk } from '../scratch.js';
import { sampling } from '../settings.js';
import { printTable } from '../table.js';

/** A command in a container that runs: in process, against a C program that enters it, and against nsenter(1). */
const SAMPLING = sampling(15, 10);
const NAMESPACES = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];

async function main(directory: string): Promise<void> {
  const binary = compile('join', ['exec/join.c'], directory);
  await using engine = await engineIn(directory);
  await using box = await engine.run({
    ...SMALL,
    command: ['sleep', '3600'],
    network: 'none',
    stdio: 'ignore',
  });
  const join = new LineProgram(binary, [String(box.pid), ...cgroupFiles(box.pid, box.id)]);
  const kinds: Record<string, Measure> = {
    'C program, until its end': () => join.once(),
    'tsbox exec in process': async () => {
      const start = process.hrtime.bigint();
      const command = await engine.exec(box.id, { command: ['/bin/true'], stdio: 'ignore' });
      await command.wait();
      return [Number(process.hrtime.bigint() - start)];
    },
    'nsenter spawned from Node': () =>
      timedProcess('nsenter', ['--target', String(box.pid), ...NAMESPACES, '/bin/true']),
    'true spawned from Node': () => timedProcess('/bin/true', []),
  };
  printTable(['gone'], await interleave(kinds, SAMPLING), 'exec into a running container');
  join.close();
}

/** Where a process writes itself into the cgroups that the container has in the hierarchies of this host. */
function cgroupFiles(pid: number, id: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [, controllers = '', path = ''] = line.split(':');
    if (!path.includes(id)) return [];
    const place = mounts.find((mount) => isHierarchy(mount, controllers))?.split(' ')[4];
    return place ? [join(place, path, 'cgroup.procs')] : [];
  });
}

function isHierarchy(mount: string, controllers: string): boolean {
  const [, tail] = mount.split(' - ');
  const [type, , options = ''] = tail?.split(' ') ?? [];
  if (controllers === '') return type === 'cgroup2';
  return type === 'cgroup' && controllers.split(',').every((one) => options.split(',').includes(one));
}

await withScratchDisk(main);
