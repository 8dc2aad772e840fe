import { expect, it } from 'vitest';
import type { PluginDefinition } from '../../core/plugin/index.js';
import { describeSubject } from './describe-subject.js';
import { LONG, type Stage } from './stage.js';
import { type DriverDescription, Subject } from './subject.js';

/** What the kernel says of a process: capability sets, seccomp and no_new_privs of proc_pid_status(5). */
const RIGHTS = "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status";

/**
 * What every driver of kind `security` must do: it adds to the sandbox and takes nothing of it away, for what is
 * executed later too. To be called in a vitest file. Needs root and busybox-static.
 */
export function describeSecurityDriver(plugin: PluginDefinition, description: DriverDescription): void {
  describeSubject(new Subject(plugin, description, 'security'), [], describeSecurityBehaviour);
}

function describeSecurityBehaviour(stage: Stage): void {
  it('takes nothing of the sandbox away', LONG, async () => {
    const plain = rightsIn((await stage.run(RIGHTS, { security: 'none' })).stdout);
    const own = rightsIn((await stage.run(RIGHTS)).stdout);
    for (const [name, value] of plain) {
      const more = own.get(name) ?? 0n;
      // Fewer capabilities, and not less of the rest.
      if (name.startsWith('Cap')) expect([name, more & ~value]).toEqual([name, 0n]);
      else expect([name, more >= value]).toEqual([name, true]);
    }
  });

  it('holds for what is executed in the container later', LONG, async () => {
    await using engine = stage.engine();
    const box = await engine.run({ image: stage.image, command: ['sh', '-c', `${RIGHTS}; read line`] });
    const inside = await (await engine.exec(box.id, { command: ['sh', '-c', RIGHTS] })).result();
    box.stdin?.end('go\n');
    const { stdout } = await box.result();
    expect(stdout).not.toBe('');
    expect({ status: inside.status, stdout: inside.stdout }).toEqual({ status: 0, stdout });
  });
}

function rightsIn(status: string): Map<string, bigint> {
  const fields = status.trim().split('\n');
  return new Map(
    fields.map((line) => {
      const [name = '', value = ''] = line.split(/:\s+/);
      return [name, BigInt(name.startsWith('Cap') ? `0x${value}` : value)];
    }),
  );
}
