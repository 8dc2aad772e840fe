import { be32Attribute, listAttributes, nested, parseAttributes, textAttribute } from '../attributes.js';
import { type NetlinkMessage, NLM_F_CREATE, NLM_F_EXCL } from '../message.js';
import { data } from './expressions.js';
import { change, question } from './message.js';

/** Sets and maps, and their elements. */
const NFTA_SET = {
  TABLE: 1,
  NAME: 2,
  FLAGS: 3,
  KEY_TYPE: 4,
  KEY_LENGTH: 5,
  DATA_TYPE: 6,
  DATA_LENGTH: 7,
  ID: 10,
} as const;
const NFTA_ELEMENTS = { TABLE: 1, SET: 2, ELEMENTS: 3 } as const;
const NFTA_ELEMENT = { KEY: 1, DATA: 2 } as const;
const NFTA_DATA_VALUE = 1;
const NFTA_LIST_ELEM = 1;
const NFT_SET_MAP = 8;
/** The attribute that holds a list has a 16-bit length; 500 elements of 60 bytes stay well below. */
const ELEMENTS_PER_MESSAGE = 500;
/** nft(8) numbers its data types; they only tell it how to print what it lists. */
const TYPES = {
  ipv4_addr: { id: 7, size: 4 },
  inet_proto: { id: 12, size: 4 },
  inet_service: { id: 13, size: 4 },
  ifname: { id: 41, size: 16 },
} as const;
const TYPE_BITS = 6;

export type FieldType = keyof typeof TYPES;

export interface SetShape {
  readonly name: string;
  /** Several fields are a concatenation; each takes whole registers. */
  readonly key: readonly FieldType[];
  /** With it, it is a map. */
  readonly data?: readonly FieldType[];
}

export interface SetElement {
  readonly key: Uint8Array;
  readonly data?: Uint8Array;
}

export function newSet(table: string, { name, key, data }: SetShape, id: number): NetlinkMessage {
  const attributes = [
    textAttribute(NFTA_SET.TABLE, table),
    textAttribute(NFTA_SET.NAME, name),
    be32Attribute(NFTA_SET.FLAGS, data ? NFT_SET_MAP : 0),
    be32Attribute(NFTA_SET.KEY_TYPE, typeNumber(key)),
    be32Attribute(NFTA_SET.KEY_LENGTH, sizeOf(key)),
  ];
  if (data)
    attributes.push(
      be32Attribute(NFTA_SET.DATA_TYPE, typeNumber(data)),
      be32Attribute(NFTA_SET.DATA_LENGTH, sizeOf(data)),
    );
  attributes.push(be32Attribute(NFTA_SET.ID, id));
  return change('NEWSET', `${table} ${name}`, attributes, NLM_F_CREATE | NLM_F_EXCL);
}

/** Adds elements; EEXIST if a key is there with other data. */
export function newElements(table: string, set: string, elements: readonly SetElement[]): NetlinkMessage[] {
  return inPortions(elements).map((part) => elementMessage('NEWSETELEM', table, set, part, NLM_F_CREATE | NLM_F_EXCL));
}

/** Removes elements by their keys; ENOENT if one is not there. */
export function deleteElements(table: string, set: string, elements: readonly SetElement[]): NetlinkMessage[] {
  const keys = elements.map(({ key }) => ({ key }));
  return inPortions(keys).map((part) => elementMessage('DELSETELEM', table, set, part, 0));
}

export function dumpElements(table: string, set: string): NetlinkMessage {
  const attributes = [textAttribute(NFTA_ELEMENTS.TABLE, table), textAttribute(NFTA_ELEMENTS.SET, set)];
  return question('GETSETELEM', `${table} ${set}`, attributes, { all: true });
}

export function decodeElements(payload: Buffer): SetElement[] {
  const list = parseAttributes(payload.subarray(4)).get(NFTA_ELEMENTS.ELEMENTS);
  if (!list) return [];
  return listAttributes(list).map(([, element]) => {
    const attributes = parseAttributes(element);
    const value = (type: number) => {
      const wrapped = attributes.get(type);
      return wrapped && parseAttributes(wrapped).get(NFTA_DATA_VALUE);
    };
    const found = value(NFTA_ELEMENT.DATA);
    return { key: value(NFTA_ELEMENT.KEY) ?? Buffer.alloc(0), ...(found && { data: found }) };
  });
}

function elementMessage(
  name: 'NEWSETELEM' | 'DELSETELEM',
  table: string,
  set: string,
  elements: readonly SetElement[],
  flags: number,
): NetlinkMessage {
  const list = elements.map((element) => {
    const parts = [data(NFTA_ELEMENT.KEY, element.key)];
    if (element.data) parts.push(data(NFTA_ELEMENT.DATA, element.data));
    return nested(NFTA_LIST_ELEM, parts);
  });
  const names = [textAttribute(NFTA_ELEMENTS.TABLE, table), textAttribute(NFTA_ELEMENTS.SET, set)];
  return change(name, `${table} ${set}`, [...names, nested(NFTA_ELEMENTS.ELEMENTS, list)], flags);
}

function inPortions<T>(elements: readonly T[]): T[][] {
  const portions: T[][] = [];
  for (let at = 0; at < elements.length; at += ELEMENTS_PER_MESSAGE)
    portions.push(elements.slice(at, at + ELEMENTS_PER_MESSAGE));
  return portions;
}

function typeNumber(fields: readonly FieldType[]): number {
  return fields.reduce((number, field) => (number << TYPE_BITS) | TYPES[field].id, 0);
}

function sizeOf(fields: readonly FieldType[]): number {
  return fields.reduce((sum, field) => sum + TYPES[field].size, 0);
}
