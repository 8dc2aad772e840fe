import type { Command } from 'commander';
import { EVENT_FILTERS, eventsOf } from '../../core/containers/events.js';
import type { EngineEvent } from '../../core/state/events.js';
import type { Finish } from '../command.js';
import { addFilterOption, readFilters } from '../filter.js';
import { lineFormat } from '../format.js';
import { readGlobals } from '../globals.js';
import { parseMoment } from '../moment.js';
import { writeBytes } from '../output.js';
import { readStatePaths } from '../state-paths.js';

interface Options {
  readonly since?: string;
  readonly until?: string;
  readonly format?: string;
}

const STDOUT = 1;

/** It reads a file, and nothing else is loaded: no engine, no driver, no koffi. */
export function define(command: Command, finish: Finish): void {
  command
    .option('--since <time>', 'from then on: 10m, 2026-11-22T03:04:05Z, or seconds since 1970')
    .option('--until <time>', 'up to then')
    .option('--format <format>', "json, or a template: '{{.Action}} {{.Actor.Attributes.name}}'");
  addFilterOption(command, EVENT_FILTERS);
  command.action(async ({ since, until, format }: Options, parsed: Command) => {
    const paths = await readStatePaths(readGlobals(parsed, process.env));
    const filters = readFilters(parsed, EVENT_FILTERS);
    const now = Date.now();
    const toLine = format === undefined ? plainLine : await lineFormat(format, jsonLine, asDocker);
    const events = eventsOf(paths, {
      filters,
      ...(since !== undefined && { since: parseMoment('--since', since, now) }),
      ...(until !== undefined && { until: parseMoment('--until', until, now) }),
    });
    for await (const event of events) if (!writeBytes(STDOUT, Buffer.from(`${toLine(event)}\n`))) break;
    finish(0);
  });
}

/** `2026-11-22T03:04:05.123456789Z container die ID (exitCode=137, image=tiny, name=web)`. */
function plainLine({ type, action, id, attributes, timeNano }: EngineEvent): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = sorted.map(([key, value]) => `${key}=${value}`).join(', ');
  return printable(`${formatNano(timeNano)} ${type} ${action} ${id} (${shown})`);
}

/** docker's object. */
function asDocker({ type, action, id, attributes, timeNano }: EngineEvent): object {
  const Actor = { ID: id, Attributes: new Map(Object.entries(attributes)) };
  const Time = Number(timeNano / 1_000_000_000n);
  return { Type: type, Action: action, Actor, Time, TimeNano: String(timeNano) };
}

/** On the wire docker's times begin with a small letter, and a number of nanoseconds is more than a JavaScript one holds. */
function jsonLine({ type, action, id, attributes, timeNano }: EngineEvent): string {
  const text = JSON.stringify({
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    time: Number(timeNano / 1_000_000_000n),
  });
  return `${text.slice(0, -1)},"timeNano":${timeNano}}`;
}

function formatNano(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`;
}

/** A label can hold anything: it must not talk to the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}
