import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identify } from '../../../core/state/process-identity.js';
import { type ContainerRecord, writeRecord } from '../../../core/state/record.js';
import { createRunState } from '../../../core/state/run-state.js';
import { runCli } from '../../support/run-cli.js';
import { tempRoot } from '../../support/temp-root.js';

const CONTAINERS = 1000;
const ROUNDS = 9;
/** Another program that takes the machine for a while makes one series worthless, not all of them. */
const SERIES = 4;

describe('ps -a with 1,000 containers', () => {
  const [none, many] = [tempRoot(), tempRoot()];
  let sleeper: ChildProcess;

  beforeAll(() => {
    sleeper = spawn('sleep', ['600']);
    const process = identify(sleeper.pid as number);
    for (let index = 0; index < CONTAINERS; index++) addRecord(many.root, index, process);
  });
  afterAll(() => sleeper.kill());

  it('takes at most 1.5 times as long as with none', async () => {
    const ratios: number[] = [];
    while (ratios.length < SERIES && !ratios.some((ratio) => ratio <= 1.5)) {
      const times: { none: number; many: number }[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        times.push({ none: await listed(none.flags, 0), many: await listed(many.flags, CONTAINERS) });
      }
      ratios.push(median(times.map((time) => time.many)) / median(times.map((time) => time.none)));
    }
    expect(Math.min(...ratios)).toBeLessThanOrEqual(1.5);
  });
});

/** A third runs, with a monitor; the others have ended. */
function addRecord(root: string, index: number, process: ContainerRecord['process'] & object): void {
  const id = index.toString(16).padStart(64, '0');
  const directory = join(root, 'containers', id);
  mkdirSync(directory, { recursive: true });
  const time = new Date(Date.now() - index * 60_000).toISOString();
  const running = index % 3 === 0;
  const record: ContainerRecord = {
    version: 1,
    id,
    name: `box${index}`,
    image: 'docker.io/library/nginx:latest',
    command: ['/docker-entrypoint.sh', 'nginx', '-g', 'daemon off;'],
    created: time,
    status: running ? 'running' : 'exited',
    started: time,
    process,
    owner: process,
    monitored: true,
    ...(!running && { exitCode: index % 2, finished: time }),
    labels: { 'com.example.role': 'web' },
    networks: ['bridge'],
    ports: [{ hostPort: 8000 + index, containerPort: 80, protocol: 'tcp' }],
    mounts: [{ source: `data${index}`, target: '/data' }],
  };
  writeRecord(directory, record, false);
  writeFileSync(join(directory, 'details.json'), 'x'.repeat(6000));
  if (running) closeSync(createRunState(directory));
}

/** Milliseconds that it took. */
async function listed(flags: readonly string[], expected: number): Promise<number> {
  const start = performance.now();
  const { status, stdout } = await runCli([...flags, 'ps', '-a']);
  const took = performance.now() - start;
  expect([status, stdout.split('\n').length - 2]).toEqual([0, expected]);
  return took;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}
