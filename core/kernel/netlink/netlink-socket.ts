import { errnoNumber } from '../errno.js';
import { hasCode } from '../error.js';
import type { Gate } from '../gate.js';
import {
  decodeAcknowledgement,
  decodeMessages,
  encodeMessage,
  type NetlinkMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  type ReceivedMessage,
} from './message.js';
import { NetlinkError } from './netlink-error.js';

export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0x80000;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const RECEIVE_SIZE = 128 * 1024;
/** How often a dump that was interrupted by a change is begun again. */
const DUMP_ATTEMPTS = 10;

/**
 * A netlink socket, opened on first use and kept by its owner until {@link close}.
 *
 * The kernel works on requests of rtnetlink and nf_tables within sendto(2), so every answer is there
 * when it returns: nothing here waits, and an answer that is missing is an error, not a hang.
 */
export class NetlinkSocket {
  #fd: number | undefined;
  #sequence = 0;
  readonly #buffer = Buffer.alloc(RECEIVE_SIZE);
  readonly #sender = Buffer.alloc(12);
  readonly #senderLength = new Uint8Array(4);

  constructor(
    readonly gate: Gate,
    readonly protocol: number,
  ) {}

  /**
   * Sends messages in one datagram and waits for the acknowledgement of each that asks for one.
   * @throws NetlinkError for the first message, in their order, that failed
   */
  transact(messages: readonly NetlinkMessage[]): void {
    const sent = this.#send(messages);
    const missing = new Set([...sent].filter(([, { flags }]) => flags & NLM_F_ACK).map(([sequence]) => sequence));
    const failures = new Map<number, NetlinkError>();
    while (missing.size > 0) {
      const received = this.#receive();
      // A batch that nf_tables gives up on leaves the rest of its messages unanswered.
      if (!received) break;
      for (const answer of received) {
        const message = sent.get(answer.sequence);
        if (!message || answer.type !== NLMSG_ERROR) continue;
        missing.delete(answer.sequence);
        const { errno, text } = decodeAcknowledgement(answer);
        if (errno !== 0) failures.set(answer.sequence, new NetlinkError(message.label, errno, text));
      }
    }
    if (failures.size > 0) this.#drain();
    for (const sequence of sent.keys()) if (failures.has(sequence)) throw failures.get(sequence);
    for (const sequence of missing) throw noAnswer(sent.get(sequence) as NetlinkMessage);
  }

  /** Sends one question and returns its answers: one, or all of a dump. @throws NetlinkError */
  request(message: NetlinkMessage): ReceivedMessage[] {
    for (let attempt = 1; ; attempt++) {
      const answers = this.#ask(message);
      // What changed during a dump makes it inconsistent: netlink(7), NLM_F_DUMP_INTR.
      if (attempt === DUMP_ATTEMPTS || !answers.some(({ flags }) => flags & NLM_F_DUMP_INTR)) return answers;
    }
  }

  close(): void {
    if (this.#fd === undefined) return;
    this.gate.call('close', this.#fd);
    this.#fd = undefined;
  }

  #ask(message: NetlinkMessage): ReceivedMessage[] {
    const [sequence] = [...this.#send([message]).keys()];
    const answers: ReceivedMessage[] = [];
    for (;;) {
      const received = this.#receive();
      if (!received) throw noAnswer(message);
      for (const answer of received) {
        if (answer.sequence !== sequence) continue;
        if (answer.type === NLMSG_ERROR || answer.type === NLMSG_DONE) {
          const { errno, text } = decodeAcknowledgement(answer);
          if (errno > 0) throw new NetlinkError(message.label, errno, text);
          return answers;
        }
        // The receive buffer is used again: keep a copy.
        answers.push({ ...answer, payload: Buffer.from(answer.payload) });
        if (!(answer.flags & NLM_F_MULTI) && (message.flags & NLM_F_DUMP) !== NLM_F_DUMP) return answers;
      }
    }
  }

  #send(messages: readonly NetlinkMessage[]): Map<number, NetlinkMessage> {
    const sent = new Map<number, NetlinkMessage>();
    const parts = messages.map((message) => {
      this.#sequence = (this.#sequence + 1) >>> 0;
      sent.set(this.#sequence, message);
      return encodeMessage(message, this.#sequence);
    });
    const datagram = Buffer.concat(parts);
    this.gate.call('sendto', this.#opened(), datagram, datagram.length, 0, null, 0);
    return sent;
  }

  /** The messages of the next datagram from the kernel; undefined when there is none. */
  #receive(): ReceivedMessage[] | undefined {
    for (;;) {
      this.#senderLength[0] = this.#sender.length;
      let length: number;
      try {
        const flags = MSG_DONTWAIT | MSG_TRUNC;
        const { length: size } = this.#buffer;
        length = this.gate.call(
          'recvfrom',
          this.#opened(),
          this.#buffer,
          size,
          flags,
          this.#sender,
          this.#senderLength,
        );
      } catch (error) {
        if (hasCode(error, 'EAGAIN')) return undefined;
        if (hasCode(error, 'EINTR')) continue;
        throw error;
      }
      if (length > this.#buffer.length)
        throw new NetlinkError('answer longer than the buffer', errnoNumber('EMSGSIZE'));
      // nl_pid 0 is the kernel; whatever another process sent here is not an answer.
      if (this.#sender.readUInt32LE(4) === 0) return decodeMessages(this.#buffer.subarray(0, length));
    }
  }

  #drain(): void {
    while (this.#receive());
  }

  #opened(): number {
    if (this.#fd !== undefined) return this.#fd;
    this.#fd = this.gate.call('socket', AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, this.protocol);
    const on = Buffer.from([1, 0, 0, 0]);
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK]) {
      this.gate.call('setsockopt', this.#fd, SOL_NETLINK, option, on, on.length);
    }
    return this.#fd;
  }
}

function noAnswer({ label }: NetlinkMessage): NetlinkError {
  return new NetlinkError(label, errnoNumber('EAGAIN'), 'the kernel gave no answer');
}
