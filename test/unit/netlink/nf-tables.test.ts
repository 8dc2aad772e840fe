import { describe, expect, it } from 'vitest';
import { nft } from '../../../core/kernel/netlink/index.js';
import { addressBytes, parseAddress } from '../../../core/kernel/netlink/ipv4.js';
import { NLM_F_ACK } from '../../../core/kernel/netlink/message.js';
import { NFT } from './known-messages.js';

const { ct, cmp, dnat, fibDaddrType, lookup, mask, masquerade, meta, newRule, payload, verdict } = nft;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** nft(8) uses a register of 16 bytes, and names its second word as one of four. */
const [FIRST, SECOND] = [1, 9];
const word = (value: number) => Uint8Array.of(value, 0, 0, 0);
const bridge = Buffer.from('tsbox0\0\0\0\0\0\0\0\0\0\0');

const rule = (chain: string, ...expressions: Buffer[]) => hex(newRule('tsbox0', chain, expressions).payload);

describe('nf_tables messages', () => {
  it('makes a base chain with the bytes that nft(8) sends', () => {
    const chain = nft.newChain('tsbox0', { name: 'inbound', type: 'nat', hook: 'prerouting', priority: 'dnat' });
    expect(hex(chain.payload)).toBe(NFT.natChain);
  });

  it('makes a map of concatenations with the bytes that nft(8) sends', () => {
    const shape = {
      name: 'published_any',
      key: ['inet_proto', 'inet_service'],
      data: ['ipv4_addr', 'inet_service'],
    } as const;
    expect(hex(nft.newSet('tsbox0', shape, 1).payload)).toBe(NFT.map);
  });

  it('adds a map element with the bytes that nft(8) sends, and reads it back', () => {
    const data = Buffer.concat([addressBytes(parseAddress('10.209.0.2') as number), Uint8Array.of(0, 80, 0, 0)]);
    const element = { key: Buffer.from([6, 0, 0, 0, 0x1f, 0x90, 0, 0]), data };
    const [message] = nft.newElements('tsbox0', 'published_any', [element]);
    expect(hex((message as { payload: Buffer }).payload)).toContain(NFT.element);
    expect(nft.decodeElements((message as { payload: Buffer }).payload)).toEqual([element]);
  });

  it('translates through a map with the bytes that nft(8) sends', () => {
    const local = [fibDaddrType(FIRST), cmp('==', FIRST, word(nft.ADDRESS_LOCAL))];
    const key = [meta('l4proto', FIRST), payload('transport', 2, 2, SECOND)];
    const translate = [lookup('published_any', FIRST, FIRST), dnat(nft.NFPROTO_IPV4, FIRST, SECOND)];
    expect(rule('inbound', ...local, ...key, ...translate)).toBe(NFT.publish);
  });

  it('compares part of an address and returns with the bytes that nft(8) sends', () => {
    const loopback = [payload('network', 16, 1, FIRST), cmp('==', FIRST, Uint8Array.of(127))];
    expect(rule('inbound', ...loopback, verdict('return'))).toBe(NFT.loopback);
  });

  it('masquerades what was translated with the bytes that nft(8) sends', () => {
    const from = [payload('network', 12, 2, FIRST), cmp('==', FIRST, Uint8Array.of(10, 209))];
    const toBridge = [meta('oifname', FIRST), cmp('==', FIRST, bridge)];
    const translated = [ct('status', FIRST), mask(FIRST, word(nft.IPS_DST_NAT)), cmp('!=', FIRST, word(0))];
    expect(rule('outbound', ...from, ...toBridge, ...translated, masquerade())).toBe(NFT.hairpin);
  });

  it('accepts answers with the bytes that nft(8) sends', () => {
    const toBridge = [meta('oifname', FIRST), cmp('==', FIRST, bridge)];
    const answer = [ct('state', FIRST), mask(FIRST, word(nft.CT_ESTABLISHED_RELATED)), cmp('!=', FIRST, word(0))];
    expect(rule('transit', ...toBridge, ...answer, verdict('accept'))).toBe(NFT.answers);
  });

  it('wraps changes into one transaction of which the last is acknowledged', () => {
    const [begin, first, last, end] = nft.batch([nft.newTable('a'), nft.newTable('b')]);
    expect(hex((begin as { payload: Buffer }).payload)).toBe(NFT.batchBegin);
    expect([begin?.type, end?.type]).toEqual([16, 17]);
    expect([first, last].map((each) => (each?.flags ?? 0) & NLM_F_ACK)).toEqual([0, NLM_F_ACK]);
  });

  it('spreads many elements over several messages', () => {
    const elements = Array.from({ length: 1201 }, (_, port) => ({
      key: Buffer.from([6, 0, 0, 0, port >> 8, port & 255, 0, 0]),
    }));
    const messages = nft.newElements('t', 's', elements);
    expect(messages.map(({ payload }) => nft.decodeElements(payload).length)).toEqual([500, 500, 201]);
  });
});
