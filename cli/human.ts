const UNITS: readonly [string, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** `2 hours ago`. @param milliseconds since then */
export function formatAge(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const [name, length] = UNITS.find(([, unit]) => seconds >= unit) ?? ['second', 1];
  const count = Math.max(0, Math.floor(seconds / length));
  if (count === 0) return 'less than a second ago';
  return `${count} ${name}${count === 1 ? '' : 's'} ago`;
}

/** `1.98MB`: three digits, units of 1000, as docker shows sizes of images. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < names.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(3))}${names[unit]}`;
}
