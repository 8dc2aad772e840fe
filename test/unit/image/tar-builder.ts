/** Writes archives by hand, also such as no tar program would write. */
export interface Member {
  readonly name: string;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly linkName?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly prefix?: string;
  /** Extended header before the member. */
  readonly pax?: Record<string, string | Buffer>;
  /** Replaces what the header says. */
  readonly size?: number;
}

export function tar(...members: Member[]): Buffer {
  return Buffer.concat([...members.map(member), Buffer.alloc(1024)]);
}

export function member(entry: Member): Buffer {
  const body = Buffer.from(entry.body ?? '');
  const own = Buffer.concat([header(entry, entry.size ?? body.length), padded(body)]);
  if (!entry.pax) return own;
  const records = pax(entry.pax);
  return Buffer.concat([header({ name: 'pax', type: 'x' }, records.length), padded(records), own]);
}

export function pax(values: Record<string, string | Buffer>): Buffer {
  return Buffer.concat(
    Object.entries(values).map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length++;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}

export function padded(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

export function header(entry: Member, size: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, width: number) =>
    block.write(value.toString(8).padStart(width - 1, '0'), at);
  block.write(entry.name, 0, 100);
  octal(entry.mode ?? (entry.type === '5' ? 0o755 : 0o644), 100, 8);
  octal(entry.uid ?? 0, 108, 8);
  octal(entry.gid ?? 0, 116, 8);
  octal(size, 124, 12);
  octal(entry.mtime ?? 0, 136, 12);
  block.write(entry.type ?? '0', 156, 'latin1');
  block.write(entry.linkName ?? '', 157, 100);
  block.write('ustar\x0000', 257, 'latin1');
  octal(entry.major ?? 0, 329, 8);
  octal(entry.minor ?? 0, 337, 8);
  block.write(entry.prefix ?? '', 345, 155);
  return sealed(block);
}

/** Puts the checksum in. */
export function sealed(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
