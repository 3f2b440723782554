// Applets behind a stream-interface, in the simulator: back-pressure, half-close, resets, lack of buffers.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Appctx } from '../../../../src/datapath/applet/appctx.js';
import type { AppletOps } from '../../../../src/datapath/applet/types.js';
import { SI_ST_EST } from '../../../../src/datapath/stream-interface/flags.js';
import {
  appletEnd,
  appletInput,
  appletInputEnded,
  appletOutputEnded,
  appletPeek,
  appletPut,
  appletTake,
} from '../../../../src/datapath/stream-interface/si-applet.js';
import type { Manner } from '../../../../src/sys/sim/core.js';
import { SimProgram } from '../../../support/sim-program.js';

const CONFIG = `
global
 maxconn 50
defaults
 mode tcp
 timeout client 100s
 timeout connect 5s
 timeout server 100s
frontend fe
 bind 127.0.0.1:8080
`;
const BUFSIZE = 16384;

interface Seen {
  released: number;
  calls: number;
  states: Set<number>;
}

function program(manner: Manner, ops: AppletOps): SimProgram {
  return new SimProgram(CONFIG, manner, (instance) => {
    instance.proxies[0]!.applet = ops;
  });
}

/** Answers with `total` patterned bytes as room allows, then ends. */
function source(total: number, seen: Seen): AppletOps {
  const piece = Uint8Array.from({ length: 7001 }, (_, i) => i % 251);
  return {
    name: '<SOURCE>',
    init: (app) => {
      app.ctx = { at: 0 };
    },
    io: (app) => {
      const st = app.ctx as { at: number };
      seen.calls++;
      seen.states.add(app.si.state);
      for (;;) {
        if (appletOutputEnded(app) || st.at === total) {
          appletEnd(app);
          return;
        }
        const from = st.at % piece.length;
        const want = Math.min(piece.length, from + total - st.at);
        const n = appletPut(app, piece.subarray(0, want), from);
        st.at += n;
        if (from + n < want) return;
      }
    },
    release: () => {
      seen.released++;
    },
  };
}

/** Gives back what it gets, in upper case, at most ten bytes a run. */
function echo(seen: Seen): AppletOps {
  return {
    name: '<ECHO>',
    init: () => undefined,
    io: (app: Appctx) => {
      seen.calls++;
      if (appletOutputEnded(app)) {
        appletEnd(app);
        return;
      }
      const n = Math.min(10, appletInput(app));
      if (n > 0) {
        const text = Buffer.from(appletPeek(app, n)).toString('latin1').toUpperCase();
        const put = appletPut(app, Buffer.from(text, 'latin1'), 0);
        appletTake(app, put);
        if (put === n) app.si.ops.chkSnd(app.si); // the rest in another run
        return;
      }
      if (appletInputEnded(app)) appletEnd(app);
    },
    release: () => {
      seen.released++;
    },
  };
}

const nothing = (): Seen => ({ released: 0, calls: 0, states: new Set() });

for (const manner of ['epoll', 'uring', 'kqueue'] as const) {
  test(`${manner}: an answer of 2 MiB to a slow reader stays within one buffer, and is whole`, () => {
    const seen = nothing();
    const total = 2 << 20;
    const p = program(manner, source(total, seen));
    const c = p.connect(8080, 3000);
    let most = 0;
    for (let i = 0; c.state === 'open'; i++) {
      assert.ok(i < 2000, `no end after ${c.bytes} bytes`);
      c.read();
      p.advance(1);
      most = Math.max(most, p.thr.bufs.usedBytes);
    }
    assert.equal(c.state, 'end');
    assert.equal(c.bytes, total);
    assert.ok(
      Buffer.concat(c.chunks).every((b, i) => b === (i % 7001) % 251),
      'the bytes are those of the pattern',
    );
    assert.ok(most <= BUFSIZE, `${most} bytes of buffers`);
    assert.deepEqual([...seen.states], [SI_ST_EST]);
    // Each run fills what room there is: far fewer runs than reads times two, none without room.
    assert.ok(seen.calls < 2000, `${seen.calls} runs`);
    c.close();
    p.advance(20);
    assert.equal(seen.released, 1);
    p.assertClean();
  });

  test(`${manner}: an applet reads its input in its own time, sees the end, and answers after it`, () => {
    const seen = nothing();
    const p = program(manner, echo(seen));
    const c = p.connect(8080);
    c.send('abcdefghijklmnopqrstuvwxyz');
    p.advance(10);
    assert.equal(c.text, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    assert.equal(c.state, 'open');
    c.send('the end');
    c.shut();
    p.advance(10);
    assert.equal(c.text, 'ABCDEFGHIJKLMNOPQRSTUVWXYZTHE END');
    assert.equal(c.state, 'end');
    c.close();
    p.advance(10);
    assert.equal(seen.released, 1);
    p.assertClean();
  });

  test(`${manner}: a client that resets in the middle of the answer leaves nothing behind`, () => {
    const seen = nothing();
    const p = program(manner, source(1 << 20, seen));
    const c = p.connect(8080, 1000);
    c.read();
    p.advance(3);
    assert.equal(seen.released, 0);
    c.reset();
    p.advance(50);
    assert.equal(seen.released, 1);
    p.assertClean();
  });
}

test('an applet that answers only after the end of its input is still there to answer', () => {
  const seen = nothing();
  const p = program('epoll', {
    name: '<COUNT>',
    init: (app) => {
      app.ctx = 0;
    },
    io: (app) => {
      const n = appletInput(app);
      app.ctx = (app.ctx as number) + n;
      appletTake(app, n);
      if (!appletInputEnded(app)) return;
      appletPut(app, Buffer.from(String(app.ctx)), 0);
      appletEnd(app);
    },
    release: () => {
      seen.released++;
    },
  });
  const c = p.connect(8080);
  c.send('12345');
  p.advance(10);
  c.send('67');
  p.advance(10);
  assert.equal(c.text, '');
  c.shut();
  p.advance(10);
  assert.equal(c.text, '7');
  assert.equal(c.state, 'end');
  c.close();
  p.advance(10);
  assert.equal(seen.released, 1);
  p.assertClean();
});

test('a client that never reads is left after its time-out, and its buffer with it', () => {
  const seen = nothing();
  const p = program('epoll', source(1 << 20, seen));
  p.connect(8080, 0);
  p.advance(1000);
  assert.equal(seen.released, 0);
  assert.equal(p.thr.bufs.usedBytes, BUFSIZE);
  const calls = seen.calls;
  p.advance(90_000);
  assert.equal(seen.calls, calls, 'without room it is not run');
  p.advance(20_000);
  assert.equal(seen.released, 1);
  p.assertClean();
});

test('an applet that finds no buffer waits for one and goes on', () => {
  const seen = nothing();
  const p = program('epoll', source(300_000, seen));
  p.thr.bufs.limitBytes = BUFSIZE;
  const slow = p.connect(8080, 0);
  p.advance(50);
  assert.equal(p.thr.bufs.usedBytes, BUFSIZE);
  const other = p.connect(8080);
  p.advance(50);
  assert.equal(other.bytes, 0, 'the one buffer is taken');
  slow.appetite = 1 << 20;
  slow.read();
  p.advance(50);
  assert.equal(slow.bytes, 300_000);
  assert.equal(other.bytes, 300_000);
  slow.close();
  other.close();
  p.advance(20);
  assert.equal(seen.released, 2);
  p.assertClean();
});

test('an internal frontend counts no backend, and its sessions are reported to nobody', () => {
  const seen = nothing();
  const p = program('epoll', source(10, seen));
  const reports: unknown[] = [];
  p.instance.onSession = (r) => reports.push(r);
  const c = p.connect(8080);
  p.advance(20);
  assert.equal(c.bytes, 10);
  c.close();
  p.advance(20);
  const px = p.instance.proxies[0]!;
  assert.equal(
    px.be.v.reduce((a, b) => a + b, 0),
    10,
    'but for the bytes',
  );
  assert.deepEqual(reports, []);
  p.assertClean();
});
