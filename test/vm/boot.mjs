// One run of the machine: QEMU as a child, with the console, the command's output and its status
// each on a channel of its own.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// After the status there is only the power-off left to do.
const POWER_OFF_MS = 10_000;

/** The machine did not live to report a status. The message ends with its last console lines. */
export class VmError extends Error {
  /** @param {string} reason @param {string} log */
  constructor(reason, log) {
    const lines = log.replaceAll('\r', '').trimEnd().split('\n').slice(-30);
    super(`vm: ${reason}; its last console lines:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'VmError';
  }
}

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {Buffer} initrd
 * @param {{ timeoutMs: number, memoryMb: number, onOutput?: (chunk: Buffer) => void, signal?: AbortSignal }} options
 * @returns {Promise<{ status: number, output: string }>}
 * @throws {VmError}
 */
export function boot(machine, initrd, { timeoutMs, memoryMb, onOutput, signal }) {
  const file = unlinkedFile(initrd);
  const child = spawn(machine.qemu, qemuArguments(machine, memoryMb), {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', file],
    signal,
    killSignal: 'SIGKILL',
  });
  closeSync(file);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let timedOut = false;
  let timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutMs);

  const [, stdout, stderr, outputPort, statusPort] = child.stdio;
  const output = [];
  let log = '';
  let reported = '';
  for (const stream of [stdout, stderr])
    stream.on('data', (chunk) => {
      log = (log + chunk).slice(-65_536);
    });
  outputPort.on('data', (chunk) => {
    output.push(chunk);
    onOutput?.(chunk);
  });
  statusPort.on('data', (chunk) => {
    reported += chunk;
    clearTimeout(timer);
    timer = setTimeout(kill, POWER_OFF_MS);
  });
  // A killed QEMU resets the sockets; that it ended is what counts.
  for (const stream of [outputPort, statusPort]) stream.on('error', () => {});

  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killer) => {
      clearTimeout(timer);
      process.off('exit', kill);
      const status = /^status (\d+)$/m.exec(reported)?.[1];
      if (status !== undefined) return resolve({ status: Number(status), output: Buffer.concat(output).toString() });
      const panic = /Kernel panic - .*/.exec(log)?.[0].trim();
      const early = panic ?? `ended without a status (QEMU: ${killer ?? code})`;
      reject(new VmError(timedOut ? `no status within ${timeoutMs / 1000} s` : early, log));
    });
  });
}

function qemuArguments(machine, memoryMb) {
  return [
    '-no-user-config',
    '-nodefaults',
    '-display',
    'none',
    '-nic',
    'none',
    '-no-reboot',
    '-accel',
    'tcg,thread=multi',
    '-cpu',
    'max',
    '-smp',
    '2',
    '-m',
    String(memoryMb),
    '-kernel',
    machine.kernel,
    '-initrd',
    '/proc/self/fd/5',
    // panic=-1 restarts at once, which -no-reboot turns into an exit. Guards against speculation
    // cost an emulated processor time and protect nothing. Without tsc=reliable the kernel distrusts
    // the counter of two processors and asks the emulated HPET for the time, by a system call.
    '-append',
    'console=ttyS0 quiet panic=-1 mitigations=off nowatchdog tsc=reliable random.trust_cpu=on',
    '-chardev',
    'stdio,id=console,signal=off',
    '-serial',
    'chardev:console',
    // The command's output shares no line with the kernel's messages.
    '-device',
    'virtio-serial-pci',
    '-chardev',
    'socket,id=output,fd=3',
    '-device',
    'virtserialport,chardev=output,name=tsbox.output',
    '-chardev',
    'socket,id=status,fd=4',
    '-device',
    'virtserialport,chardev=status,name=tsbox.status',
    // multidevs=remap: inode numbers of the host's several file systems must not collide in the one export.
    '-virtfs',
    'local,path=/,mount_tag=host,security_model=none,multidevs=remap,readonly=on',
  ];
}

/** Has no name from the start, so that no way of dying leaves it behind. */
function unlinkedFile(contents) {
  const path = join(tmpdir(), `tsbox-vm-${randomUUID()}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  writeFileSync(file, contents);
  return file;
}
