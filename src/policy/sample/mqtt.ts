// MQTT 3.1, 3.1.1 and 5.0: the first packet of each side, CONNECT and CONNACK (the OASIS standards, sections 3.1 and 3.2), strictly.

/** A packet as read: fields by name, properties by number; integers as decimal text. */
export interface MqttPacket {
  readonly type: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** What the packet at the start of some bytes is. */
export type MqttResult = MqttPacket | 'short' | 'bad';

export const MQTT_CONNECT = 1;
export const MQTT_CONNACK = 2;

// Kinds of properties.
const BYTE = 1;
const TWO = 2;
const FOUR = 4;
const TEXT = -1;
const PAIR = -2;

type Properties = Readonly<Record<number, number>>;

const CONNECT_PROPERTIES: Properties = {
  17: FOUR,
  33: TWO,
  39: FOUR,
  34: TWO,
  25: BYTE,
  23: BYTE,
  38: PAIR,
  21: TEXT,
  22: TEXT,
};
const WILL_PROPERTIES: Properties = { 24: FOUR, 1: BYTE, 2: FOUR, 3: TEXT, 8: TEXT, 9: TEXT, 38: PAIR };
const CONNACK_PROPERTIES: Properties = {
  17: FOUR,
  33: TWO,
  36: BYTE,
  37: BYTE,
  39: FOUR,
  18: TEXT,
  34: TWO,
  31: TEXT,
  38: PAIR,
  40: BYTE,
  41: BYTE,
  42: BYTE,
  19: TWO,
  26: TEXT,
  28: TEXT,
  21: TEXT,
  22: TEXT,
};

const CONNECT_FIELDS = [
  ...['flags', 'protocol_name', 'protocol_version', 'client_identifier', 'will_topic', 'will_payload', 'username'],
  ...['password', 'keepalive', ...Object.keys(CONNECT_PROPERTIES), ...Object.keys(WILL_PROPERTIES)],
];
const CONNACK_FIELDS = ['flags', 'protocol_version', 'reason_code', ...Object.keys(CONNACK_PROPERTIES)];

const TYPES = [
  ...['', 'connect', 'connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'subscribe', 'suback'],
  ...['unsubscribe', 'unsuback', 'pingreq', 'pingresp', 'disconnect', 'auth'],
];

/** Number of a packet type by name or number, 0 for none. */
export function mqttType(text: string): number {
  const n = /^[0-9]{1,2}$/.test(text) ? Number(text) : TYPES.indexOf(text.toLowerCase());
  return n >= 1 && n < TYPES.length ? n : 0;
}

/** Names and property numbers that packets of `type` have. */
export function mqttFields(type: number): readonly string[] {
  return type === MQTT_CONNECT ? CONNECT_FIELDS : type === MQTT_CONNACK ? CONNACK_FIELDS : [];
}

/** Reads forward through a binary string; `bad` once something does not fit. */
class Reader {
  readonly text: string;
  readonly end: number;
  at: number;
  bad = false;

  constructor(text: string, at: number, end: number) {
    this.text = text;
    this.at = at;
    this.end = end;
  }

  integer(bytes: number): number {
    if (this.at + bytes > this.end) this.bad = true;
    if (this.bad) return 0;
    let v = 0;
    for (let i = 0; i < bytes; i++) v = v * 256 + this.text.charCodeAt(this.at + i);
    this.at += bytes;
    return v;
  }

  string(): string {
    const length = this.integer(2);
    if (this.at + length > this.end) this.bad = true;
    if (this.bad) return '';
    this.at += length;
    return this.text.slice(this.at - length, this.at);
  }

  /** A variable byte integer: seven bits a byte, at most four. */
  variable(): number {
    let v = 0;
    for (let i = 0; i < 4; i++) {
      const b = this.integer(1);
      v += (b & 0x7f) * 2 ** (7 * i);
      if ((b & 0x80) === 0) return v;
    }
    this.bad = true;
    return 0;
  }
}

/** Properties of `known`, each at most once but for pairs; integers that are not there are 0. */
function readProperties(r: Reader, known: Properties, fields: Map<string, string>): void {
  const end = r.variable() + r.at;
  if (end > r.end) r.bad = true;
  for (const [id, kind] of Object.entries(known)) if (kind > 0) fields.set(id, '0');
  const seen = new Set<number>();
  while (!r.bad && r.at < end) {
    const id = r.integer(1);
    const kind = known[id];
    if (kind === undefined || (kind !== PAIR && seen.has(id))) {
      r.bad = true;
      return;
    }
    seen.add(id);
    if (kind === PAIR) {
      r.string();
      r.string();
    } else {
      fields.set(String(id), kind === TEXT ? r.string() : String(r.integer(kind)));
    }
  }
  if (r.at > end) r.bad = true;
}

function readConnect(r: Reader, fields: Map<string, string>): void {
  const name = r.string();
  const version = r.integer(1);
  const flags = r.integer(1);
  const known = version === 3 ? name === 'MQIsdp' : (version === 4 || version === 5) && name === 'MQTT';
  if (!known || (flags & 1) !== 0) r.bad = true;
  fields.set('protocol_name', name);
  fields.set('protocol_version', String(version));
  fields.set('flags', String(flags));
  fields.set('keepalive', String(r.integer(2)));
  if (version === 5) readProperties(r, CONNECT_PROPERTIES, fields);
  fields.set('client_identifier', r.string());
  if ((flags & 0x04) !== 0) {
    if (version === 5) readProperties(r, WILL_PROPERTIES, fields);
    fields.set('will_topic', r.string());
    fields.set('will_payload', r.string());
  }
  if ((flags & 0x80) !== 0) fields.set('username', r.string());
  if ((flags & 0x40) !== 0) fields.set('password', r.string());
}

function readConnack(r: Reader, fields: Map<string, string>): void {
  const flags = r.integer(1);
  if (flags > 1) r.bad = true;
  fields.set('flags', String(flags));
  fields.set('reason_code', String(r.integer(1)));
  const five = r.at < r.end;
  fields.set('protocol_version', five ? '5' : '4');
  if (five) readProperties(r, CONNACK_PROPERTIES, fields);
}

/** The packet at the start of `text` (bytes). */
export function mqttRead(text: string): MqttResult {
  if (text === '') return 'short';
  const first = text.charCodeAt(0);
  const type = first >> 4;
  if ((first & 15) !== 0 || (type !== MQTT_CONNECT && type !== MQTT_CONNACK)) return 'bad';
  const head = new Reader(text, 1, text.length);
  const length = head.variable();
  if (head.bad) return text.length < 5 ? 'short' : 'bad';
  if (head.at + length > text.length) return 'short';
  const r = new Reader(text, head.at, head.at + length);
  const fields = new Map<string, string>();
  if (type === MQTT_CONNECT) readConnect(r, fields);
  else readConnack(r, fields);
  return r.bad || r.at !== r.end ? 'bad' : { type, fields };
}
