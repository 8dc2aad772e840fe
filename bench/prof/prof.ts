import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../core/index.js';
import { timedLaunch } from '../launch/timed-launch.js';
const directory = mkdtempSync(join(tmpdir(), 'tsbox-prof-'));
const root = join(directory, 'root');
mkdirSync(join(root, 'containers'), { recursive: true });
const engine = await createEngine({ root, runroot: join(directory, 'run') });
const n = Number(process.env.N ?? 300);
const started: number[] = []; const gone: number[] = []; const cpu: number[] = [];
for (let i = 0; i < n; i++) {
  const c = process.cpuUsage();
  const [s, g] = await timedLaunch(engine, { image: 'host', command: ['/bin/true'], storage: 'overlay', network: 'none' });
  const { user, system } = process.cpuUsage(c);
  started.push(s / 1e6); gone.push(g / 1e6); cpu.push((user + system) / 1e3);
}
await engine.close();
const q = (a: number[], p: number) => [...a.slice(n / 3)].sort((x, y) => x - y)[Math.floor((a.length - n / 3) * p)]!.toFixed(2);
for (const [k, a] of Object.entries({ started, gone, cpu })) console.log(k, 'min', q(a, 0), 'p10', q(a, 0.1), 'median', q(a, 0.5));
rmSync(directory, { recursive: true, force: true });
