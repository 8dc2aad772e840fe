import { describe, expect, it } from 'vitest';
import {
  attribute,
  listAttributes,
  parseAttributes,
  textAttribute,
  textOf,
} from '../../../core/kernel/netlink/attributes.js';
import { decodeAcknowledgement, decodeMessages, encodeMessage } from '../../../core/kernel/netlink/message.js';

const ack = (flags: number, payload: Buffer) => ({ type: 2, flags, sequence: 1, payload });

describe('netlink messages', () => {
  it('pads attributes to four bytes and says their true length', () => {
    expect(attribute(3, Buffer.from('abc')).toString('hex')).toBe('0700030061626300');
  });

  it('refuses an attribute that its length cannot say', () => {
    expect(() => attribute(3, Buffer.alloc(65_532))).toThrow(RangeError);
  });

  it('reads what it wrote, without the flag for nested attributes', () => {
    const bytes = Buffer.concat([textAttribute(3, 'eth0'), attribute(0x8012, Buffer.from([1]))]);
    expect(textOf(parseAttributes(bytes).get(3))).toBe('eth0');
    expect(listAttributes(bytes).map(([type]) => type)).toEqual([3, 0x12]);
  });

  it('stops at an attribute or a message that claims more than there is', () => {
    expect(listAttributes(Buffer.from('ff000300', 'hex'))).toEqual([]);
    expect(decodeMessages(Buffer.from('ff000000020000000100000000000000', 'hex'))).toEqual([]);
  });

  it('reads all messages of a datagram', () => {
    const message = { type: 16, flags: 2, payload: Buffer.from('abcde'), label: '' };
    const datagram = Buffer.concat([encodeMessage(message, 7), encodeMessage(message, 8)]);
    const read = decodeMessages(datagram);
    expect(read.map(({ sequence, payload }) => `${sequence} ${payload}`)).toEqual(['7 abcde', '8 abcde']);
  });

  it('reads an acknowledgement and an errno', () => {
    expect(decodeAcknowledgement(ack(0, Buffer.alloc(20)))).toEqual({ errno: 0 });
    expect(decodeAcknowledgement(ack(0x100, Buffer.from(`efffffff${'00'.repeat(16)}`, 'hex')))).toEqual({ errno: 17 });
  });

  it("reads the kernel's own words after a request that is quoted in full or cut", () => {
    const words = textAttribute(1, 'Invalid MAC');
    const errno = Buffer.from('ebffffff', 'hex');
    const header = Buffer.from('18000000100005000100000000000000', 'hex');
    const cut = Buffer.concat([errno, header, words]);
    const whole = Buffer.concat([errno, header, Buffer.alloc(8), words]);
    expect(decodeAcknowledgement(ack(0x300, cut))).toEqual({ errno: 21, text: 'Invalid MAC' });
    expect(decodeAcknowledgement(ack(0x200, whole))).toEqual({ errno: 21, text: 'Invalid MAC' });
  });
});
