import { expect, it } from 'vitest';
import { type DeviceRule, deviceRules, formatDeviceRule, type Launch, type Spec } from '../../../core/plugin/index.js';
import { deviceProgram } from '../../../plugins/cgroup-v2/device-program.js';

const launch = (security: object = {}, devices: object[] = []): Launch =>
  ({
    spec: {
      security: { privileged: false, capAdd: [], capDrop: [], ...security },
      resources: { devices },
    } as unknown as Spec,
  }) as Launch;
const lines = (...args: Parameters<typeof launch>) => deviceRules(launch(...args))?.map(formatDeviceRule);

const DEFAULT = [
  'c 1:3 rwm',
  'c 1:5 rwm',
  'c 1:7 rwm',
  'c 1:8 rwm',
  'c 1:9 rwm',
  'c 5:0 rwm',
  'c 5:1 rwm',
  'c 5:2 rwm',
  'c 136:* rwm',
];

it('a container may make any node and use the default devices', () => {
  expect(lines()).toEqual(['b *:* m', 'c *:* m', ...DEFAULT]);
});

it('without CAP_MKNOD it may make none but those', () => {
  expect(lines({ capDrop: ['ALL'] })).toEqual(DEFAULT);
  expect(lines({ capDrop: ['MKNOD'] })).toEqual(DEFAULT);
  expect(lines({ capDrop: ['ALL'], capAdd: ['MKNOD'] })).toHaveLength(11);
});

it('a privileged container has no list', () => {
  expect(lines({ privileged: true })).toBeUndefined();
});

it('a device that was asked for is added with its access, by number', () => {
  expect(lines({}, [{ source: '/dev/null', target: '/dev/x', access: 'r' }])?.at(-1)).toBe('c 1:3 r');
});

it('what is no device or is not there is refused', () => {
  expect(() => lines({}, [{ source: '/etc/passwd', target: '/dev/x', access: 'rwm' }])).toThrow(/is not a device/);
  expect(() => lines({}, [{ source: '/dev/nosuch', target: '/dev/x', access: 'rwm' }])).toThrow(/cannot look at/);
  expect(() => lines({}, [{ source: '/dev/null', target: '/dev/x', access: 'x' }])).toThrow(/subset of rwm/);
});

const TYPES = { b: 1, c: 2 };
const ACCESS: Record<string, number> = { m: 1, r: 2, w: 4 };

/** What the kernel would answer: an interpreter for the few instructions that the generator uses. */
function allows(program: Buffer, type: 'b' | 'c', major: number, minor: number, access: string): boolean {
  const mask = [...access].reduce((all, letter) => all | (ACCESS[letter] as number), 0);
  const context = Buffer.alloc(12);
  for (const [index, value] of [(mask << 16) | TYPES[type], major, minor].entries())
    context.writeUInt32LE(value, index * 4);
  const r: number[] = Array(11).fill(Number.NaN);
  for (let pc = 0; pc < program.length / 8; pc++) {
    const at = pc * 8;
    const [to, from] = [program.readUInt8(at + 1) & 15, program.readUInt8(at + 1) >> 4];
    const [offset, immediate] = [program.readInt16LE(at + 2), program.readInt32LE(at + 4)];
    const code = program.readUInt8(at);
    if (code === 0x61) r[to] = from === 1 ? context.readUInt32LE(offset) : Number.NaN;
    else if (code === 0xb7) r[to] = immediate;
    else if (code === 0xbf) r[to] = r[from] as number;
    else if (code === 0x57) r[to] = (r[to] as number) & immediate;
    else if (code === 0x77) r[to] = (r[to] as number) >>> immediate;
    else if (code === 0x55) pc += r[to] === immediate ? 0 : offset;
    else if (code === 0x95) return r[0] === 1;
    else throw new Error(`unknown instruction ${code.toString(16)}`);
  }
  throw new Error('ran off the end');
}

it('the program refuses everything when there are no rules', () => {
  const program = deviceProgram([]);
  expect(allows(program, 'c', 1, 3, 'r')).toBe(false);
});

it('the program answers as the rules of v1 would', () => {
  const rules: DeviceRule[] = [
    ...(deviceRules(launch()) as DeviceRule[]),
    { type: 'b', major: 7, minor: undefined, access: 'r' },
  ];
  const program = deviceProgram(rules);
  const covered = (type: string, major: number, minor: number, access: string) =>
    rules.some(
      (rule) =>
        rule.type === type &&
        [undefined, major].includes(rule.major) &&
        [undefined, minor].includes(rule.minor) &&
        [...access].every((letter) => rule.access.includes(letter)),
    );
  for (const type of ['b', 'c'] as const) {
    for (const major of [0, 1, 5, 7, 8, 136, 4095]) {
      for (const minor of [0, 1, 2, 3, 9, 255, 1_048_575]) {
        for (const access of ['r', 'w', 'm', 'rw', 'rm', 'wm', 'rwm']) {
          const answer = allows(program, type, major, minor, access);
          expect(answer, `${type} ${major}:${minor} ${access}`).toBe(covered(type, major, minor, access));
        }
      }
    }
  }
});

it('two rules that cover a request only together do not allow it', () => {
  const rule = { type: 'c', major: 10, minor: 229 } as const;
  const program = deviceProgram([
    { ...rule, access: 'r' },
    { ...rule, access: 'w' },
  ]);
  expect(allows(program, 'c', 10, 229, 'r')).toBe(true);
  expect(allows(program, 'c', 10, 229, 'w')).toBe(true);
  expect(allows(program, 'c', 10, 229, 'rw')).toBe(false);
});
