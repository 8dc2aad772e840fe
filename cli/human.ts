const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Each unit begins at so many seconds, so that "24 months" comes before "2 years". */
const UNITS = [
  { from: 2 * 365 * DAY, length: 365 * DAY, name: 'years' },
  { from: 2 * 30 * DAY, length: 30 * DAY, name: 'months' },
  { from: 2 * 7 * DAY, length: 7 * DAY, name: 'weeks' },
  { from: 48 * HOUR, length: DAY, name: 'days' },
] as const;

/** `Less than a second`, `5 minutes`, `About an hour`: as docker says it. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < MINUTE) return `${seconds} seconds`;
  if (seconds < 2 * MINUTE) return 'About a minute';
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} minutes`;
  const hours = Math.round(seconds / HOUR);
  if (hours === 1) return 'About an hour';
  // A plain loop: a list asks thousands of times, before anything is compiled.
  for (let index = 0; index < UNITS.length; index++) {
    const { from, length, name } = UNITS[index] as (typeof UNITS)[number];
    if (hours * HOUR >= from) return `${Math.floor((hours * HOUR) / length)} ${name}`;
  }
  return `${hours} hours`;
}

/** `2 hours ago`. @param milliseconds since then */
export function formatAge(milliseconds: number): string {
  return `${formatDuration(milliseconds)} ago`;
}

/** `2026-11-21 23:11:55 +0000 UTC`: CREATED AT, in UTC. @param iso ISO 8601, in UTC */
export function formatTimestamp(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} +0000 UTC`;
}

/** `1.98MB`: three digits, units of 1000, as docker shows sizes of images. */
export function formatBytes(bytes: number, digits = 3): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < names.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(digits))}${names[unit]}`;
}
