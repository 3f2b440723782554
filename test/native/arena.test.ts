// The arena: where it lies, what it costs, how it goes: native/arena.cc. Mappings are read from /proc.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EBADF } from '../../src/sys/errno.js';
import { ARENA_DEFAULT_BYTES, ARENA_MAX_BYTES, createNativeSys } from '../../src/sys/native.js';
import * as S from './support.js';

const FOUR_GIB = 2n ** 32n;

interface Mapping {
  bytes: number;
  rssBytes: number;
}

/** Mappings that start at a multiple of 4 GiB. A neighbour the kernel joined to it counts with it. */
function alignedMappings(): Mapping[] {
  const out: Mapping[] = [];
  let last: Mapping | null = null;
  for (const line of readFileSync('/proc/self/smaps', 'latin1').split('\n')) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) rw-p/.exec(line);
    if (head !== null) {
      const from = BigInt(`0x${head[1]}`);
      last = from % FOUR_GIB === 0n ? { bytes: Number(BigInt(`0x${head[2]}`) - from), rssBytes: 0 } : null;
      if (last !== null) out.push(last);
    } else if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) {
      last = null;
    }
    const rss = /^Rss:\s+(\d+) kB/.exec(line);
    if (rss !== null && last !== null) last.rssBytes = Number(rss[1]) * 1024;
  }
  return out;
}

function mappingOf(bytes: number): Mapping {
  const found = alignedMappings().find((m) => m.bytes === bytes);
  assert.ok(found, `no mapping of ${bytes} bytes at a multiple of 4 GiB`);
  return found;
}

test('arena: lies at a multiple of 4 GiB and costs no memory before it is touched', (t) => {
  const sys = createNativeSys({ arenaBytes: 48 << 20 });
  t.after(() => sys.destroy());
  assert.equal(sys.arena.bytes, 48 << 20);
  assert.equal(sys.arena.u8.buffer, sys.arena.i32.buffer);
  assert.equal(mappingOf(48 << 20).rssBytes, 0);
  sys.arena.u8[10 << 20] = 1;
  const rss = mappingOf(48 << 20).rssBytes;
  assert.ok(rss > 0 && rss <= 4 << 20, `${rss} bytes`);
});

test('discard: the range reads as zero, its neighbours keep their bytes, the memory is given back', (t) => {
  const sys = createNativeSys({ arenaBytes: 40 << 20 });
  t.after(() => sys.destroy());
  const { u8 } = sys.arena;
  u8.fill(0xaa, 0, 8 << 20);
  assert.ok(mappingOf(40 << 20).rssBytes >= 8 << 20);
  for (const [ofs, len] of [
    [4096 * 3, 4096 * 5], // whole pages
    [100, 50], // inside one page
    [4000, 200], // across two pages
    [70000, 100000], // ragged on both sides
    [8 << 20, 0],
  ] as const) {
    u8.fill(0xaa, 0, 8 << 20);
    sys.discard(ofs, len);
    const zeroes = u8.subarray(ofs, ofs + len).every((b) => b === 0);
    assert.ok(zeroes, `[${ofs}, +${len}) is zero`);
    assert.equal(u8[ofs - 1], 0xaa);
    assert.equal(u8[ofs + len], ofs + len < 8 << 20 ? 0xaa : 0);
  }
  sys.discard(0, 40 << 20);
  assert.equal(mappingOf(40 << 20).rssBytes, 0);
});

test('arena: the default and the largest size open; other sizes are refused with a text', (t) => {
  for (const bytes of [ARENA_DEFAULT_BYTES, ARENA_MAX_BYTES]) {
    const sys = createNativeSys({ arenaBytes: bytes });
    t.after(() => sys.destroy());
    sys.arena.u8[bytes - 1] = 7;
    assert.equal(sys.arena.u8[bytes - 1], 7);
    sys.discard(bytes - 1, 1);
    assert.equal(sys.arena.u8[bytes - 1], 0);
  }
  for (const arenaBytes of [0, -1, 1000, (1 << 20) + 1, 2 ** 31 + 65536, Number.NaN, 2 ** 40]) {
    assert.throws(() => createNativeSys({ arenaBytes }), /^RangeError: arenaBytes: a multiple of 64 KiB/);
  }
});

test('destroy: descriptors are closed, memory is given back, late calls are refused and harmless', () => {
  const before = S.openFds();
  const sys = createNativeSys({ arenaBytes: 24 << 20 });
  const { client, server } = S.tcpPair(sys);
  S.ok(sys.pipe(0), 'pipe');
  S.ok(sys.wakeFd(), 'wakeFd');
  sys.arena.u8.fill(1);
  assert.ok(mappingOf(24 << 20).rssBytes >= 24 << 20);
  assert.equal(S.openFds(), before + 6);
  sys.destroy();
  assert.equal(S.openFds(), before);
  assert.equal(mappingOf(24 << 20).rssBytes, 0);
  sys.destroy();
  assert.equal(sys.poll(0), -EBADF);
  assert.equal(sys.pollAdd(client, 1), -EBADF);
  assert.equal(sys.recv(server, 0, 1, 0), -14);
  assert.equal(sys.hostTimeout(), -1);
  sys.hostStop();
  assert.throws(() => sys.hostStart(() => undefined), /hostStart: EBADF/);
  assert.equal(sys.arena.u8[0], 0);
});

test('contexts: two transports in one thread have arenas, sets and generations of their own', (t) => {
  const a = S.openSys(t);
  const b = S.openSys(t);
  a.arena.u8[5] = 1;
  assert.equal(b.arena.u8[5], 0);
  const fd = S.ok(a.wakeFd(), 'wakeFd');
  S.ok(a.pollAdd(fd, 1), 'pollAdd');
  S.ok(b.pollAdd(fd, 2), 'pollAdd');
  assert.equal(S.poll(a, 0)[0]?.gen, 1);
  assert.equal(S.poll(b, 0)[0]?.gen, 2);
});
