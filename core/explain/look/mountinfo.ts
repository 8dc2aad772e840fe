/** One line of proc_pid_mountinfo(5). */
export interface MountEntry {
  readonly target: string;
  readonly root: string;
  /** Of this mount: `ro`, `nosuid`, `nodev`, `noexec`. */
  readonly flags: readonly string[];
  readonly type: string;
  readonly source: string;
  /** Of the file system: `lowerdir=…`. */
  readonly options: readonly string[];
}

export function parseMountinfo(text: string): MountEntry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
}

function parseLine(line: string): MountEntry {
  const fields = line.split(' ');
  // Optional fields end at a lone `-`.
  const end = fields.indexOf('-', 6);
  return {
    root: unescaped(fields[3] ?? ''),
    target: unescaped(fields[4] ?? ''),
    flags: (fields[5] ?? '').split(','),
    type: fields[end + 1] ?? '',
    source: unescaped(fields[end + 2] ?? ''),
    options: (fields[end + 3] ?? '').split(','),
  };
}

/** Spaces, tabs, line ends and backslashes are octal there. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Directories below an overlay mount, as they were named when it was made. */
export function overlayDirectories({ type, options }: MountEntry): string[] {
  if (type !== 'overlay') return [];
  return options.flatMap((option) => {
    const [, key, value] = /^(lowerdir\+?|upperdir)=(.*)$/.exec(option) ?? [];
    if (value === undefined) return [];
    return key === 'lowerdir' ? value.split(/(?<!\\):+/) : [value];
  });
}
