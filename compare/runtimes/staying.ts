import { type ChildProcess, spawn } from 'node:child_process';
import type { HeldContainer } from './runtime.js';
import { lastLine } from './spawned.js';

const START_MS = 30_000;
const END_MS = 10_000;

/**
 * Starts a program whose container runs `cat`: it is there when it says again what it is told, and ends with its
 * input, which is ours, so that it does not outlive this process, however that dies.
 * @throws Error with what the program says
 */
export async function startStaying(
  program: string,
  args: readonly string[],
  exec: HeldContainer['exec'],
): Promise<HeldContainer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', resolve));
  try {
    await answered(child, program);
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    throw error;
  }
  const close = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await ended;
    clearTimeout(timer);
  };
  return { exec, close };
}

function answered(child: ChildProcess, program: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (data) => {
    said += String(data);
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${program} has started nothing in ${START_MS / 1000} s`)),
      START_MS,
    );
    child.once('error', reject);
    child.once('close', (status) => reject(new Error(`${program} ended with ${status}: ${lastLine(said)}`)));
    child.once('close', () => clearTimeout(timer));
    child.stdout?.once('data', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin?.on('error', () => {}).write('there?\n');
  });
}
