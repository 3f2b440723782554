// Protocol buffers (their encoding document) and gRPC frames (configuration manual 7.3.1): the field at the end of a path of numbers,
// raw or as an integer. Unlike the reference, which reads on behind it, a message inside a message ends where its length says.
import { bytesOf } from './binary.js';
import { smpBin, smpInt } from './sample.js';
import { ARG_PBUF, ARG_STR, type Arg, type ArgSpec, type ConverterDef, type Sample, SMP_T_BIN } from './types.js';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

interface Field {
  readonly number: number;
  readonly wire: number;
  readonly from: number;
  readonly to: number;
}

interface FieldType {
  readonly wire: number;
  /** `raw`: the field's bytes. */
  readonly read: (raw: Buffer) => bigint;
}

const asInt = (value: bigint): bigint => BigInt.asIntN(64, value);
const zigzag = (v: bigint): bigint => (v >> 1n) ^ -(v & 1n);
const truncated = (v: number): bigint => (Number.isFinite(v) ? asInt(BigInt(Math.trunc(v))) : -(2n ** 63n));
const plain: FieldType = { wire: VARINT, read: (raw) => asInt(varint(raw)) };
const signed: FieldType = { wire: VARINT, read: (raw) => asInt(zigzag(BigInt.asUintN(64, varint(raw)))) };

const TYPES: Readonly<Record<string, FieldType>> = {
  int32: plain,
  int64: plain,
  uint32: plain,
  uint64: plain,
  bool: plain,
  enum: plain,
  sint32: signed,
  sint64: signed,
  fixed32: { wire: FIXED32, read: (raw) => BigInt(raw.readUInt32LE(0)) },
  sfixed32: { wire: FIXED32, read: (raw) => BigInt(raw.readInt32LE(0)) },
  float: { wire: FIXED32, read: (raw) => truncated(raw.readFloatLE(0)) },
  fixed64: { wire: FIXED64, read: (raw) => raw.readBigInt64LE(0) },
  sfixed64: { wire: FIXED64, read: (raw) => raw.readBigInt64LE(0) },
  double: { wire: FIXED64, read: (raw) => truncated(raw.readDoubleLE(0)) },
};

const VARINT_BYTES_MAX = 10;
const DEPTH_MAX = 64;

/** The value of a whole varint. */
function varint(raw: Uint8Array): bigint {
  let v = 0n;
  for (let i = raw.length - 1; i >= 0; i--) v = (v << 7n) | BigInt(raw[i]! & 0x7f);
  return v;
}

/** Offset behind the varint at `at`, -1 where it does not end in time. */
function varintEnd(b: Uint8Array, at: number, to: number): number {
  const last = Math.min(to, at + VARINT_BYTES_MAX);
  for (let i = at; i < last; i++) if ((b[i]! & 0x80) === 0) return i + 1;
  return -1;
}

/** The field at `at`; null where it is none, or not whole. */
function fieldAt(b: Uint8Array, at: number, to: number): Field | null {
  const from = varintEnd(b, at, to);
  if (from < 0) return null;
  const key = varint(b.subarray(at, from));
  if (key > 0xffffffffn) return null;
  const number = Number(key >> 3n);
  const wire = Number(key & 7n);
  let start = from;
  let end = -1;
  if (wire === VARINT) end = varintEnd(b, from, to);
  else if (wire === FIXED64) end = from + 8;
  else if (wire === FIXED32) end = from + 4;
  else if (wire === BYTES) {
    start = varintEnd(b, from, to);
    if (start < 0) return null;
    const length = varint(b.subarray(from, start));
    if (length > BigInt(to - start)) return null;
    end = start + Number(length);
  }
  return end < 0 || end > to ? null : { number, wire, from: start, to: end };
}

/** The first field that `path` leads to: every message on the way is looked into. */
function find(b: Uint8Array, from: number, to: number, path: readonly number[], depth: number): Field | null {
  for (let at = from; at < to;) {
    const field = fieldAt(b, at, to);
    if (field === null) return null;
    if (field.number === path[depth]) {
      if (depth === path.length - 1) return field;
      if (field.wire === BYTES) {
        const inside = find(b, field.from, field.to, path, depth + 1);
        if (inside !== null) return inside;
      }
    }
    at = field.to;
  }
  return null;
}

function check(args: Arg[]): string {
  const path = args[0]!.str.split('.').map(Number);
  if (path.length > DEPTH_MAX) return 'field number is too deep';
  args[0]!.ready = path;
  const type = args[1];
  if (type === undefined) return '';
  if (!Object.hasOwn(TYPES, type.str)) return `Wrong protocol buffer type '${type.str}'`;
  type.ready = TYPES[type.str];
  return '';
}

function extract(smp: Sample, bytes: Buffer, args: readonly Arg[]): boolean {
  const field = find(bytes, 0, bytes.length, args[0]!.ready as number[], 0);
  if (field === null) return false;
  const raw = bytes.subarray(field.from, field.to);
  const type = (args[1]?.ready ?? null) as FieldType | null;
  if (type === null) return smpBin(smp, raw.toString('latin1'));
  return field.wire === type.wire && smpInt(smp, type.read(raw));
}

const FIELD: ArgSpec = { kinds: [ARG_PBUF, ARG_STR], min: 1 };
const GRPC_HEADER = 5; // compressed:1 length:4

export const CONVERTERS_PROTOBUF: readonly ConverterDef[] = [
  {
    words: 'protobuf',
    args: FIELD,
    inType: SMP_T_BIN,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    check,
    conv: (smp, args) => extract(smp, bytesOf(smp.str), args),
  },
  {
    words: 'ungrpc',
    args: FIELD,
    inType: SMP_T_BIN,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    check,
    conv: (smp, args) => {
      const bytes = bytesOf(smp.str);
      if (bytes.length < GRPC_HEADER) return false;
      const length = bytes.readUInt32BE(1);
      if (length > bytes.length - GRPC_HEADER) return false;
      return extract(smp, bytes.subarray(GRPC_HEADER, GRPC_HEADER + length), args);
    },
  },
];
