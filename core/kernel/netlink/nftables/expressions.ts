import { attribute, be32Attribute, nested, textAttribute } from '../attributes.js';

/**
 * The expressions that rules are made of: `linux/netfilter/nf_tables.h`. They work on registers of
 * 32 bits, numbered from 8 (1 to 4 are the same memory in fours); what is loaded into neighbours is a concatenation for {@link lookup}.
 */
export type Expression = Buffer;

const NFTA_LIST_ELEM = 1;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;
const NFTA_DATA_VALUE = 1;
const NFTA_DATA_VERDICT = 2;
const NFTA_VERDICT_CODE = 1;
const REGISTER_VERDICT = 0;

export const REGISTER = [8, 9, 10, 11, 12, 13, 14, 15] as const;
export const VERDICT = { drop: 0, accept: 1, return: -5 } as const;
export const META = { iifname: 6, oifname: 7, l4proto: 16 } as const;
export const CT = { state: 0, status: 2 } as const;
/** Bits of `ct state` and `ct status`, in the host's byte order. */
export const CT_ESTABLISHED_RELATED = 2 | 4;
export const IPS_DST_NAT = 1 << 5;
/** `fib … type`: RTN_LOCAL. */
export const ADDRESS_LOCAL = 2;

export function meta(key: keyof typeof META, register: number): Expression {
  return expression('meta', [be32Attribute(2, META[key]), be32Attribute(1, register)]);
}

export function ct(key: keyof typeof CT, register: number): Expression {
  return expression('ct', [be32Attribute(2, CT[key]), be32Attribute(1, register)]);
}

/** Loads bytes of the packet's network or transport header. */
export function payload(base: 'network' | 'transport', offset: number, length: number, register: number): Expression {
  const numbers = [register, base === 'network' ? 1 : 2, offset, length];
  return expression(
    'payload',
    numbers.map((value, index) => be32Attribute(index + 1, value)),
  );
}

/** What kind of address the destination is to this host. */
export function fibDaddrType(register: number): Expression {
  const [resultAddressType, flagDaddr] = [3, 2];
  return expression('fib', [
    be32Attribute(3, flagDaddr),
    be32Attribute(2, resultAddressType),
    be32Attribute(1, register),
  ]);
}

export function cmp(operator: '==' | '!=', register: number, value: Uint8Array): Expression {
  const op = be32Attribute(2, operator === '==' ? 0 : 1);
  return expression('cmp', [be32Attribute(1, register), op, data(3, value)]);
}

/** `register & mask`, in place. */
export function mask(register: number, bits: Uint8Array): Expression {
  const [source, target, length] = [
    be32Attribute(1, register),
    be32Attribute(2, register),
    be32Attribute(3, bits.length),
  ];
  return expression('bitwise', [source, target, length, data(4, bits), data(5, new Uint8Array(bits.length))]);
}

/** Goes on if the key is in the set; of a map, loads what it maps to into `target`. */
export function lookup(set: string, source: number, target?: number): Expression {
  const registers = [be32Attribute(2, source), ...(target === undefined ? [] : [be32Attribute(3, target)])];
  return expression('lookup', [...registers, textAttribute(1, set)]);
}

/** Destination NAT to the address and port in two registers. */
export function dnat(family: number, address: number, port: number): Expression {
  const [dnatType, familyAttribute] = [be32Attribute(1, 1), be32Attribute(2, family)];
  return expression('nat', [dnatType, familyAttribute, be32Attribute(3, address), be32Attribute(5, port)]);
}

export function masquerade(): Expression {
  return expression('masq', []);
}

export function verdict(name: keyof typeof VERDICT): Expression {
  const code = nested(NFTA_DATA_VERDICT, [be32Attribute(NFTA_VERDICT_CODE, VERDICT[name])]);
  return expression('immediate', [be32Attribute(1, REGISTER_VERDICT), nested(2, [code])]);
}

/** A value inside an attribute, as sets and comparisons have them. */
export function data(type: number, value: Uint8Array): Buffer {
  return nested(type, [attribute(NFTA_DATA_VALUE, value)]);
}

function expression(name: string, attributes: readonly Buffer[]): Expression {
  return nested(NFTA_LIST_ELEM, [textAttribute(NFTA_EXPR_NAME, name), nested(NFTA_EXPR_DATA, attributes)]);
}
