import { align, parseAttributes, textOf } from './attributes.js';

/** `struct nlmsghdr`: length, type, flags, sequence, port. netlink(7). */
const HEADER_SIZE = 16;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_MULTI = 0x2;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLMSGERR_ATTR_MSG = 1;

/** A message that is to be sent. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
  /** What an error calls it: `RTM_NEWLINK tsbox0`. */
  readonly label: string;
}

/** A message that the kernel sent. */
export interface ReceivedMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Buffer;
}

/** What NLMSG_ERROR says; errno 0 is the acknowledgement. */
export interface Acknowledgement {
  /** Positive errno number. */
  readonly errno: number;
  /** The kernel's own words, where it has any (NETLINK_EXT_ACK). */
  readonly text?: string;
}

/** The message as bytes. The sender's port stays 0: the kernel fills it in. */
export function encodeMessage(message: NetlinkMessage, sequence: number): Buffer {
  const length = HEADER_SIZE + message.payload.length;
  const bytes = Buffer.alloc(align(length));
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(message.type, 4);
  bytes.writeUInt16LE(message.flags, 6);
  bytes.writeUInt32LE(sequence, 8);
  bytes.set(message.payload, HEADER_SIZE);
  return bytes;
}

/** The messages of one datagram. */
export function decodeMessages(datagram: Buffer): ReceivedMessage[] {
  const messages: ReceivedMessage[] = [];
  for (let at = 0; at + HEADER_SIZE <= datagram.length; ) {
    const length = datagram.readUInt32LE(at);
    if (length < HEADER_SIZE || at + length > datagram.length) break;
    messages.push({
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      sequence: datagram.readUInt32LE(at + 8),
      payload: datagram.subarray(at + HEADER_SIZE, at + length),
    });
    at += align(length);
  }
  return messages;
}

/** Reads the payload of an NLMSG_ERROR (or of an NLMSG_DONE, which begins like one). */
export function decodeAcknowledgement({ flags, payload }: ReceivedMessage): Acknowledgement {
  const errno = payload.length >= 4 ? 0 - payload.readInt32LE(0) : 0;
  if (!(flags & NLM_F_ACK_TLVS) || payload.length < 4 + HEADER_SIZE) return { errno };
  // The request is quoted before the attributes: its header only when capped, all of it otherwise.
  const quoted = flags & NLM_F_CAPPED ? HEADER_SIZE : align(payload.readUInt32LE(4));
  const text = textOf(parseAttributes(payload.subarray(4 + quoted)).get(NLMSGERR_ATTR_MSG));
  return text === undefined ? { errno } : { errno, text };
}
