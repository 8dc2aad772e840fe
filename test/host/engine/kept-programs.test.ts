import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import { KeptPrograms } from '../../../core/engine/kept-programs.js';
import { imageFromHost } from '../../../core/image/index.js';
import { type BoxOptions, createEngine } from '../../../core/index.js';
import { readHost } from '../../../core/kernel/host.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import type { EncodedProgram } from '../../../core/program/encode.js';
import type { Op } from '../../../core/program/op.js';
import { ProgramTemplate } from '../../../core/program/template.js';
import { busyboxImage } from '../../support/image.js';
import { line } from '../../support/recording.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const { directory, root, runroot } = tempRoot();
const image = `${directory}/image`;
const file = `${directory}/file`;
const folder = `${directory}/folder`;
const engine = await createEngine({ root, runroot, network: 'none' });
afterAll(() => engine.close());

beforeAll(async () => {
  busyboxImage(image);
  writeFileSync(file, 'text\n');
  mkdirSync(folder);
  await imageFromHost({ root, name: 'programs', programs: ['true'], gate: new LibcGate(), host: readHost() });
  // That of an engine's first launch is not kept.
  await (await engine.run({ image, command: ['true'] })).wait();
});
afterAll(() => vi.restoreAllMocks());

/** Of every program that was recorded, under its key: what a later launch with that key would be given. */
const templates = new Map<string, ProgramTemplate>();
/** What the launch at hand would have been given. */
const offered = new Map<string, EncodedProgram>();
/** The programs of a test. */
const recorded: EncodedProgram[] = [];
let compared = 0;
let asked = 0;

/** Everything is recorded anew, and must be what would have been taken instead. */
beforeAll(() => {
  const { find, keep } = KeptPrograms.prototype;
  vi.spyOn(KeptPrograms.prototype, 'find').mockImplementation(function (this: KeptPrograms, key, id) {
    asked++;
    // Another set of options may have had the same key, and that long ago.
    const kept = find.call(this, key, id) ?? templates.get(key)?.for(id);
    if (kept) offered.set(id, kept);
    return undefined;
  });
  vi.spyOn(KeptPrograms.prototype, 'keep').mockImplementation(function (this: KeptPrograms, key, program, id) {
    const kept = offered.get(id);
    if (kept) expectSame(kept, program, id);
    recorded.push(program);
    templates.set(key, new ProgramTemplate(program, id));
    keep.call(this, key, program, id);
  });
});
beforeEach(() => {
  compared = asked = 0;
  recorded.length = 0;
  offered.clear();
});

const shown = (ops: readonly Op[]) => ops.map((op) => `${line(op)} # ${op.note ?? ''} ${op.hint ?? ''}`);

/** Of an address. */
const VARIABLE_SIZE = 4;

function expectSame(kept: EncodedProgram, program: EncodedProgram, id: string): void {
  // First what says where they differ. Notes of what is kept leave out what each launch has its own of.
  expect(shown(kept.ops)).toEqual(shown(new ProgramTemplate(program, id).for(id).ops));
  const { timesOffset, outcomesOffset, variables } = program;
  expect(kept).toMatchObject({ timesOffset, outcomesOffset, variables });
  const bytes = Buffer.from(kept.bytes);
  for (const { offset } of variables) program.bytes.copy(bytes, offset, offset, offset + VARIABLE_SIZE);
  expect(bytes.equals(program.bytes)).toBe(true);
  compared++;
}

/** What a program gives to eth0. */
const addressOf = ({ ops }: EncodedProgram) => shown(ops).find((text) => text.includes('eth0 address'));

async function launch(options: Partial<BoxOptions>): Promise<void> {
  const box = await engine.run({ image, command: ['true'], ...options });
  const { status } = await box.result();
  if (options.rm === false) await engine.container(box.id).then((container) => container.remove());
  expect(status).toBe(0);
}

describe('a program that is kept is what recording it anew gives', () => {
  it.each<Partial<BoxOptions>>([
    {},
    { readOnly: true },
    { volume: [`${file}:/in/file`] },
    { volume: [`${file}:/in/file:ro`] },
    { volume: [`${folder}:/in/folder`] },
    { volume: [`${folder}:/in/folder:ro`] },
    { volume: [`${folder}:/in:rslave`, `${file}:/etc/hosts`] },
    { volume: ['things:/data'] },
    { volume: ['things:/data:ro'] },
    { readOnly: true, volume: [`${file}:/in/file`, 'things:/data'], tmpfs: ['/run'] },
    { tmpfs: ['/scratch:size=1m,mode=700,exec'] },
    { env: { A: 'b' } },
    { workdir: '/srv/new' },
    { user: 'alice' },
    { user: '1234:5678', groupAdd: ['wheel'] },
    { hostname: 'web', domainname: 'example.org' },
    { name: 'given' },
    { ulimit: ['nofile=100:200', 'core=0'] },
    { capAdd: ['NET_ADMIN'], capDrop: ['CHOWN'] },
    { capDrop: ['ALL'], user: 'alice' },
    { securityOpt: ['no-new-privileges=false'] },
    { tty: true },
    { init: true },
    { shmSize: '1m' },
    { pid: 'host', ipc: 'host', uts: 'host' },
    { cgroupns: 'host' },
    { timens: 'private' },
    { memory: '64m', cpus: '0.5', pidsLimit: '50' },
    { network: 'bridge' },
    { network: 'bridge', publish: ['18089:80'] },
    { network: 'bridge', hostname: 'web', dns: ['192.0.2.53'], addHost: ['db:192.0.2.7'] },
    { network: 'bridge', user: 'alice', readOnly: true },
    { storage: 'overlay', rm: false },
    { storage: 'copy' },
    { storage: 'copy', readOnly: true, rm: false },
    { image: 'host' },
    { image: 'host', readOnly: true },
    { image: 'programs' },
    { stdio: 'ignore' },
    { stdio: ['pipe', 'inherit', 'inherit'] },
  ])('%j', async (options) => {
    for (let i = 0; i < 3; i++) await launch(options);
    expect(compared).toBeGreaterThanOrEqual(2);
  });

  it('also where containers on a bridge have different addresses', async () => {
    const boxes = () => Promise.all([1, 2, 3].map(() => launch({ network: 'bridge', command: ['sleep', '0.3'] })));
    for (let i = 0; i < 3; i++) await boxes();
    expect(compared).toBeGreaterThanOrEqual(3);
    expect(new Set(recorded.map(addressOf)).size).toBeGreaterThanOrEqual(2);
  });

  it.each<Partial<BoxOptions>>([
    { device: ['/dev/full'] },
    { privileged: true },
    { secrets: { token: file } },
    { userns: 'auto' },
    { trace: true },
  ])('%j is recorded each time', async (options) => {
    for (let i = 0; i < 3; i++) await launch(options);
    expect(asked).toBe(0);
  });

  it('that mounts a nameless volume is of one launch alone', async () => {
    for (let i = 0; i < 3; i++) await launch({ volume: ['/nameless'] });
    expect([asked, compared]).toEqual([3, 0]);
  });
});
