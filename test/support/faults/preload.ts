// Loaded into a tsbox command with `node --require`: what the command line does is watched and cut short
// from outside, so the shipped bundle is what is tested, and has no switch for it.

import { HEADER, KINDS } from '../../../core/program/layout.js';
import { type HostCall, observeHostCalls, original } from './host-calls.js';
import { executedOps, opCount, opKind, progress, traced, waitingAt } from './program-image.js';
import type { Orders, Report } from './victim.js';

const orders = JSON.parse(process.env.FAULTS ?? '{}') as Orders;
delete process.env.FAULTS;
const MOST_MS = 3_000;
let changes = 0;
let barrier = -1;
/** The engine has let the child go on from its barrier. */
let released = false;
let program: number | undefined;
let ops: number[] = [];

observeHostCalls({
  onCall(call) {
    if (call.name === 'write' && program !== undefined) released = true;
    if (call.name === 'ppoll' && orders.op !== undefined) awaitOp(orders.op);
    if (call.changes && ++changes === orders.call) die(describe(call));
    return undefined;
  },
  onProgram(bytes, fd) {
    program = original.openSync(`/proc/self/fd/${fd}`, 'r');
    barrier = Array.from({ length: opCount(bytes) }, (_, index) => index).findIndex(
      (index) => opKind(bytes, index) === KINDS.barrier,
    );
    return orders.op === undefined ? traced(bytes) : waitingAt(bytes, orders.op, process.arch as 'x64' | 'arm64');
  },
});
process.on('exit', () => report({ calls: changes, ops: finishedOps() }));

/** The engine is about to wait for the child, which is on its way to that op, or to its barrier before. */
function awaitOp(op: number): void {
  const deadline = performance.now() + MOST_MS;
  while (program !== undefined && performance.now() < deadline) {
    const { current } = progress(read(program, HEADER.size));
    if (current === op) die(`op ${op}`);
    if (current > op || (barrier >= 0 && current === barrier && !released)) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.1);
  }
}

function die(hit: string): void {
  report({ calls: changes, ops: [], hit });
  process.kill(process.pid, 'SIGKILL');
}

function report(what: Report): void {
  original.writeFileSync(orders.report, JSON.stringify(what));
}

function finishedOps(): number[] {
  if (program !== undefined) ops = executedOps(read(program, original.fstatSync(program).size));
  return ops;
}

function read(fd: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  original.readSync(fd, bytes, 0, length, 0);
  return bytes;
}

function describe({ name, target }: HostCall): string {
  return `${name} ${target}`.replace(/[0-9a-f]{64}/g, 'ID');
}
