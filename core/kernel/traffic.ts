import { readFileSync, readlinkSync } from 'node:fs';

/** Bytes that went through the interfaces of a network namespace, the loopback one left out. */
export interface Traffic {
  readonly received: number;
  readonly sent: number;
}

/** Of the namespace that a process is in; undefined where that is ours, or the process is gone. */
export function readTraffic(pid: number): Traffic | undefined {
  try {
    if (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')) return undefined;
    return parseTraffic(readFileSync(`/proc/${pid}/net/dev`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Two lines of header, then `  eth0: RECEIVED packets errs drop fifo frame compressed multicast SENT …`: proc_pid_net(5). */
export function parseTraffic(text: string): Traffic {
  const sum = { received: 0, sent: 0 };
  for (const line of text.split('\n')) {
    const colon = line.lastIndexOf(':');
    if (colon < 0 || line.slice(0, colon).trim() === 'lo') continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    sum.received += fields[0] ?? 0;
    sum.sent += fields[8] ?? 0;
  }
  return sum;
}
