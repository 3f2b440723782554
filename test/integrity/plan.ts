// What each flow of an integrity run does, drawn from one seed: sizes of both directions, how they are written, and whether,
// where and by whom the flow is killed. The same seed gives the same plan.

/** Uniform numbers in [0, 1) from a 32-bit seed (xorshift, multiplied out). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
    for (let i = 0; i < 8; i++) this.word(); // small seeds start alike
  }

  /** Next 32 bits. */
  word(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return Math.imul(this.#state, 0x9e3779b1) >>> 0;
  }

  next(): number {
    return this.word() / 0x100000000;
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }
}

export type Side = 'client' | 'server';

export interface Kill {
  readonly side: Side;
  /** Which of the killer's own counters is looked at. */
  readonly counter: 'sent' | 'received';
  /** The killer resets once the counter reached this; less than the counter's final value, unless both are 0. */
  readonly at: number;
}

export interface FlowPlan {
  readonly id: number;
  readonly upBytes: number;
  readonly downBytes: number;
  /** Where in the common payload the two directions begin. */
  readonly upOfs: number;
  readonly downOfs: number;
  /** Bytes for each write. */
  readonly upWrite: number;
  readonly downWrite: number;
  /** The server begins to send only when it saw the client's end. */
  readonly serverWaits: boolean;
  readonly kill: Kill | null;
}

export const SIZE_MAX = 3 * 1024 * 1024;
export const PAYLOAD_BYTES = 8 * 1024 * 1024;
const KILLED_ONE_IN = 5;
const WRITES: readonly number[] = [SIZE_MAX, 65536, 16384, 1460];

/** Skewed to the small: one in twenty is 0, half are below 2 KiB, one in twenty above 512 KiB. */
function drawSize(random: Random): number {
  if (random.below(20) === 0) return 0;
  return Math.floor(SIZE_MAX ** (random.next() ** 1.1));
}

function drawWrite(random: Random, bytes: number): number {
  const pick = WRITES[random.below(WRITES.length)] ?? SIZE_MAX;
  return bytes > 65536 ? Math.max(pick, 16384) : pick; // no thousands of tiny writes
}

function drawKill(random: Random, id: number, upBytes: number, downBytes: number): Kill | null {
  if (id % KILLED_ONE_IN !== 0) return null;
  const side = random.below(2) === 0 ? 'client' : 'server';
  const counter = random.below(2) === 0 ? 'sent' : 'received';
  const total = (side === 'client') === (counter === 'sent') ? upBytes : downBytes;
  return { side, counter, at: random.below(total) };
}

export function drawPlan(random: Random, id: number): FlowPlan {
  const upBytes = drawSize(random);
  const downBytes = drawSize(random);
  const kill = drawKill(random, id, upBytes, downBytes);
  return {
    id,
    upBytes,
    downBytes,
    upOfs: random.below(PAYLOAD_BYTES - SIZE_MAX),
    downOfs: random.below(PAYLOAD_BYTES - SIZE_MAX),
    upWrite: drawWrite(random, upBytes),
    downWrite: drawWrite(random, downBytes),
    serverWaits: random.below(4) === 0 && kill === null, // a killer may never come to its end
    kill,
  };
}

/** The bytes all flows send parts of; position-dependent, so that a byte lost, doubled or of another flow shows. */
export function drawPayload(random: Random): Buffer {
  const words = new Uint32Array(PAYLOAD_BYTES / 4);
  for (let i = 0; i < words.length; i++) words[i] = random.word();
  return Buffer.from(words.buffer);
}
