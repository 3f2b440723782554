// The fuzz driver: a target gets its kept corpus, then seeded mutations of it. Same seed, same inputs, on every machine.
//
//   fuzz('proxy-v2', { feed: (input) => { … } })      registers the tests of one target; `feed` throws where a promise breaks
//
// The corpus lies in test/fuzz/corpus/NAME/: `*.hex` holds hexadecimal digits (`#` starts a comment), anything else its bytes.
// SLUICE_FUZZ_RUNS (mutations for each target) and SLUICE_FUZZ_SEED change how much is tried and what. A failure tells the seed,
// the number of the run, and the input, shortened while it still fails; put it into the corpus once it is understood.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Rng } from '../../src/sys/sim/rng.js';

const CORPUS = fileURLToPath(new URL('corpus/', import.meta.url));
const RUNS = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 4000);
const SEED = Number(process.env['SLUICE_FUZZ_SEED'] ?? 20_261_122);
const LIMIT_MS = 20_000; // a target that is slow ends its mutations then, having said how many there were
const MUTATIONS_MAX = 6; // in a row, on one input
const SHORTENING_MAX = 2000; // attempts

/** Bytes and lengths that parsers trip over. */
const INTERESTING = [0, 1, 2, 3, 7, 8, 9, 10, 13, 16, 32, 34, 36, 39, 48, 57, 58, 92, 123, 127, 128, 192, 254, 255];

export interface FuzzTarget {
  /** Throws when the input makes the subject break one of its promises. What the input is worth is no matter. */
  readonly feed: (input: Uint8Array) => void;
  /** Other targets whose corpora are inputs of this one too. */
  readonly also?: readonly string[];
  /** Words that the grammar knows, put in whole; binary strings. */
  readonly words?: readonly string[];
  /** Bytes of an input at most; 4096 unless said. */
  readonly max?: number;
}

/** Inputs that are kept for `name`, by file name. */
function fuzzCorpus(name: string): Map<string, Uint8Array> {
  const dir = path.join(CORPUS, name);
  const found = new Map<string, Uint8Array>();
  for (const file of readdirSync(dir).sort()) {
    const bytes = readFileSync(path.join(dir, file));
    found.set(`${name}/${file}`, file.endsWith('.hex') ? fromHex(bytes.toString('latin1')) : new Uint8Array(bytes));
  }
  return found;
}

function fromHex(text: string): Uint8Array {
  const digits = text.replace(/#.*$/gm, '').replace(/\s+/g, '');
  assert.match(digits, /^(?:[0-9a-f]{2})*$/i, 'a .hex file of the corpus');
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

/** Registers the tests of target `name`: its corpus, then mutations of it. */
export function fuzz(name: string, target: FuzzTarget): void {
  const corpus = new Map([name, ...(target.also ?? [])].flatMap((n) => [...fuzzCorpus(n)]));
  test(`${name}: the kept corpus`, () => {
    assert.ok(corpus.size > 0, 'there is a corpus');
    for (const [file, input] of corpus) {
      const error = failure(target, input);
      if (error !== null) assert.fail(`corpus/${file}: ${error}`);
    }
  });
  test(`${name}: ${RUNS} mutations, seed ${SEED}`, (t) => {
    const rng = new Rng(SEED, hashOf(name));
    const seeds = [...corpus.values()];
    const deadline = Date.now() + LIMIT_MS;
    for (let run = 0; run < RUNS; run++) {
      if (Date.now() > deadline) {
        t.diagnostic(`${run} of ${RUNS} mutations in ${LIMIT_MS} ms`);
        return;
      }
      const input = mutated(rng, seeds, target);
      const error = failure(target, input);
      if (error === null) continue;
      const short = shortened(target, input);
      const hex = Buffer.from(short).toString('hex');
      assert.fail(`seed ${SEED}, run ${run}: ${failure(target, short) ?? error}\ninput: ${hex}`);
    }
  });
}

function failure(target: FuzzTarget, input: Uint8Array): string | null {
  try {
    target.feed(input.slice()); // its own copy: it may keep or change it
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Takes pieces away as long as the input still fails. */
function shortened(target: FuzzTarget, input: Uint8Array): Uint8Array {
  let best = input;
  let left = SHORTENING_MAX;
  for (let piece = best.length >> 1; piece > 0; piece >>= 1) {
    for (let at = 0; at + piece <= best.length && left > 0; left--) {
      const shorter = joined(best.subarray(0, at), best.subarray(at + piece));
      if (failure(target, shorter) !== null) best = shorter;
      else at += piece;
    }
  }
  return best;
}

function mutated(rng: Rng, seeds: readonly Uint8Array[], target: FuzzTarget): Uint8Array {
  const one = (): Uint8Array => seeds[rng.int(0, seeds.length - 1)]!;
  let input = one();
  for (let n = rng.int(1, MUTATIONS_MAX); n > 0; n--) input = mutation(rng, input, one, target.words ?? []);
  return input.subarray(0, target.max ?? 4096);
}

function mutation(rng: Rng, b: Uint8Array, other: () => Uint8Array, words: readonly string[]): Uint8Array {
  const at = rng.int(0, b.length);
  const upTo = rng.int(at, Math.min(b.length, at + 64));
  const value = (): number =>
    rng.int(0, 1) === 0 ? rng.int(0, 255) : INTERESTING[rng.int(0, INTERESTING.length - 1)]!;
  switch (rng.int(0, words.length > 0 ? 9 : 8)) {
    case 0: // flips a bit
      return at < b.length ? changed(b, at, [b[at]! ^ (1 << rng.int(0, 7))]) : b;
    case 1: // another byte
      return at < b.length ? changed(b, at, [value()]) : b;
    case 2: // a number of two bytes, big-endian
      return at + 1 < b.length ? changed(b, at, [value(), value()]) : b;
    case 3: // one more or less
      return at < b.length ? changed(b, at, [(b[at]! + (rng.int(0, 1) === 0 ? 1 : 255)) & 255]) : b;
    case 4: // puts bytes in
      return joined(
        b.subarray(0, at),
        Uint8Array.from({ length: rng.int(1, 8) }, () => value()),
        b.subarray(at),
      );
    case 5: // takes a piece out
      return joined(b.subarray(0, at), b.subarray(upTo));
    case 6: // a piece twice, or many times
      return joined(...Array.from({ length: rng.int(1, 8) }, () => b.subarray(at, upTo)), b.subarray(at));
    case 7: // ends early
      return b.slice(0, at);
    case 8: {
      // goes on as another input of the corpus
      const tail = other();
      return joined(b.subarray(0, at), tail.subarray(rng.int(0, tail.length)));
    }
    default: // a word of the grammar
      return joined(
        b.subarray(0, at),
        Buffer.from(words[rng.int(0, words.length - 1)]!, 'latin1'),
        b.subarray(rng.int(0, 1) === 0 ? at : upTo),
      );
  }
}

function changed(b: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const out = b.slice();
  out.set(bytes, at);
  return out;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

function hashOf(name: string): number {
  let h = 0;
  for (const c of name) h = (Math.imul(h, 31) + c.charCodeAt(0)) | 0;
  return h;
}
