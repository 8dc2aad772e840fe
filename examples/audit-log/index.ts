import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate, JsonObject, Launch, StatePaths } from 'tsbox/plugin';
import { definePlugin, TsboxError } from 'tsbox/plugin';

/** ioctl_iflags(2): with this attribute a file can be appended to and nothing else, by root too. */
const [GET_FLAGS, SET_FLAGS, APPEND_ONLY] = [0x80086601, 0x40086602, 0x20];

type Options = { readonly file?: string };
const logFile = ({ file }: Options, { root }: StatePaths) => file ?? join(root, 'audit.jsonl');

/** By id: what is to be written when the launch has ended. */
const pending = new Map<string, JsonObject>();

function entryOf(launch: Launch): JsonObject {
  const { id, name, host, spec, command } = launch;
  const user = process.env.SUDO_UID ?? process.env.PKEXEC_UID;
  const who = { uid: host.uid, ...(user !== undefined && { onBehalfOf: Number(user) }) };
  return { time: new Date().toISOString(), id, name, who, image: spec.image, command: [...command.argv] };
}

/** One write(2) of one line with O_APPEND: launches at the same time do not mix. */
function append(file: string, entry: JsonObject): void {
  const log = openSync(file, 'a', 0o600);
  try {
    writeSync(log, `${JSON.stringify(entry)}\n`);
    fsyncSync(log);
  } finally {
    closeSync(log);
  }
}

/** Makes the file; a launch that could not be written down is not made. */
function open(file: string, appendOnly: boolean, gate: Gate): void {
  const log = openSync(file, 'a', 0o600);
  try {
    const flags = Buffer.alloc(8);
    if (!appendOnly) return;
    gate.call('ioctl', log, GET_FLAGS, flags);
    flags.writeUInt32LE(flags.readUInt32LE() | APPEND_ONLY);
    gate.call('ioctl', log, SET_FLAGS, flags);
  } finally {
    closeSync(log);
  }
}

/** Lines that a full disk cut short are left out. */
function entries(file: string): { time: string; line: string }[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text
    .split('\n')
    .flatMap((line) => (/^\{"time":"([^"]+)".*\}$/.test(line) ? [{ time: line.slice(9, 33), line }] : []));
}

/** Writes the line, once. */
function settle(file: string, entry: JsonObject, end: JsonObject): void {
  pending.delete(String(entry.id));
  append(file, { ...entry, ...end });
}

export default definePlugin({
  name: 'audit-log',
  apiVersion: 1,
  description: 'One line of JSON for each launch: tsbox audit',
  options: {
    file: { type: 'string', pattern: '^/', description: 'default: audit.jsonl where the containers are' },
    appendOnly: { type: 'boolean', default: false, description: 'the file gets the attribute of chattr +a' },
  },
  hooks: {
    preClone: async ({ launch, options }) => {
      const file = logFile(options, launch.paths);
      const entry = entryOf(launch);
      // A launch that fails, or whose engine dies, is written down by whoever takes it back.
      const undo = { kind: 'failed', args: { file, entry } };
      const run = () => open(file, options.appendOnly, launch.gate);
      await launch.step({ action: 'audit', target: file, undo, run });
      pending.set(launch.id, { ...entry, drivers: { ...launch.spec.drivers } });
    },
    // Nobody of tsbox need be there when it ends.
    postStart: ({ launch, options }) => {
      const entry = launch.detached ? pending.get(launch.id) : undefined;
      if (entry) settle(logFile(options, launch.paths), entry, { detached: true, exitStatus: null });
    },
    postStop: ({ launch, options, status }) => {
      const entry = pending.get(launch.id);
      const exitStatus = status.exitCode ?? 128 + (status.signal ?? 0);
      if (entry) settle(logFile(options, launch.paths), entry, { exitStatus });
    },
  },
  undo: {
    failed: ({ file, entry }) => {
      const { id, time } = entry as { id: string; time: string };
      const isWritten = entries(String(file)).some((one) => one.time === time && one.line.includes(id));
      if (!isWritten) settle(String(file), entry as JsonObject, { failed: true, exitStatus: null });
    },
  },
  commands: {
    audit: {
      summary: 'Show the launches that were written down',
      usage: '[--since TIME]',
      run: ({ args, options, paths, print }) => {
        const [flag, since = ''] = args;
        const from = flag === undefined ? 0 : flag === '--since' ? Date.parse(since) : Number.NaN;
        if (Number.isNaN(from))
          throw new TsboxError('ERR_TSBOX_USAGE', {
            what: 'cannot read the arguments',
            why: args.join(' '),
            fix: 'tsbox audit --since 2026-01-31',
          });
        for (const { time, line } of entries(logFile(options, paths))) if (Date.parse(time) >= from) print(`${line}\n`);
        return 0;
      },
    },
  },
  info: ({ options, paths }) => ({ file: logFile(options, paths), launches: entries(logFile(options, paths)).length }),
});
