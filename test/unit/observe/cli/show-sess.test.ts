// show sess and shutdown session over a simulated instance with a forwarded session.
import assert from 'node:assert/strict';
import test from 'node:test';
import { SIM_CLI, SIM_FRONT, simForwarder, SimProgram } from '../../../support/sim-program.js';

/** A program whose server listens. */
function program(): SimProgram {
  const p = new SimProgram(simForwarder(), 'epoll');
  p.listen('127.0.0.2', 9100);
  return p;
}

test('show sess: a line for each session, the CLI among them', () => {
  const p = program();
  const c = p.connect(SIM_FRONT);
  c.send('hello');
  p.advance(1500);
  const lines = p.ask(SIM_CLI, 'show sess').trimEnd().split('\n');
  assert.equal(lines.length, 2);
  assert.match(
    lines[0]!,
    /^0x[0-9a-f]+: proto=tcpv4 src=127\.0\.0\.1:\d+ fe=fe be=be srv=s1 ts=00 epoch=0 age=1s calls=\d+ rate=0 cpu=0 lat=0 rq\[f=[0-9a-f]+h,i=0,an=00h,rx=1m38s,wx=,ax=\] rp\[f=[0-9a-f]+h,i=0,an=00h,rx=1m38s,wx=,ax=\] scf=\[8,0h,fd=\d+\] scb=\[8,4h,fd=\d+\] exp=\S* rc=0 c_exp=$/,
  );
  assert.match(
    lines[1]!,
    /^0x[0-9a-f]+: proto=tcpv4 src=127\.0\.0\.1:\d+ fe=GLOBAL be=<NONE> srv=<none> .* scb=\[8,4h,fd=-1\]/,
  );
});

test('show sess ID and all: everything that is known, flags decoded', () => {
  const p = program();
  const c = p.connect(SIM_FRONT);
  c.send('hello');
  p.advance(10);
  const id = p.ask(SIM_CLI, 'show sess').split(':')[0]!;
  const one = p.ask(SIM_CLI, `show sess ${id}`);
  assert.match(one, /^0x[0-9a-f]+: \[\d\d\/[A-Z][a-z]{2}\/\d{4}:/);
  assert.match(
    one,
    /\n {2}flags=0x[0-9a-f]+, conn_retries=0, conn_exp=<NEVER> conn_et=0x000 srv_conn=0x[0-9a-f]+, pend_pos=\(nil\) waiting=0 epoch=0 term=-- sfl=[A-Z_|]*ASSIGNED[A-Z_|]*\n/,
  );
  assert.match(one, /\n {2}frontend=fe \(id=\d+ mode=tcp\), listener=\? \(id=1\) addr=127\.0\.0\.1:8080\n/);
  assert.match(
    one,
    /\n {2}backend=be \(id=\d+ mode=tcp\) addr=[0-9.]+:\d+\n {2}server=s1 \(id=1\) addr=127\.0\.0\.2:9100\n {2}task=0x[0-9a-f]+ \(state=0x00 nice=0 calls=\d+ rate=0 exp=1m39s tmask=0x1 age=0s\)\n/,
  );
  assert.match(
    one,
    /\n {2}scb=0x[0-9a-f]+ flags=0x[0-9a-f]{8} state=EST endp=CONN,0x[0-9a-f]+,0x[0-9a-f]{8} sub=1 .*\n {6}co1=0x[0-9a-f]+ ctrl=tcpv4 xprt=RAW mux=PASS data=STRM target=SERVER:0x[0-9a-f]+\n {6}flags=0x[0-9a-f]{8} fd=\d+ fd\.state=[0-9a-f]+ updt=0 fd\.tmask=0x1 /,
  );
  assert.match(
    one,
    /\n {2}req=0x[0-9a-f]+ \(f=0x[0-9a-f]+ an=0x0 pipe=0 tofwd=-1 total=5\) chf=[A-Z_|]*AUTO_CLOSE[A-Z_|]*\n {6}an_exp=<NEVER> rex=1m39s wex=<NEVER>\n {6}buf=0x[0-9a-f]+ data=\(nil\) o=0 p=0 i=0 size=0\n/,
  );
  assert.match(p.ask(SIM_CLI, 'show sess all'), /endp=APPCTX,.*\n {6}app1=0x[0-9a-f]+ .* applet=<CLI> /);
  assert.equal(p.ask(SIM_CLI, 'show sess 0x123'), 'Session not found.\n\n');
});

test('shutdown session ends that session and no other', () => {
  const p = program();
  const one = p.connect(SIM_FRONT);
  const two = p.connect(SIM_FRONT);
  p.advance(10);
  const id = p.ask(SIM_CLI, 'show sess').split(':')[0]!;
  assert.equal(p.ask(SIM_CLI, `shutdown session ${id}`), '\n');
  p.advance(10);
  assert.notEqual(one.state, 'open');
  assert.equal(two.state, 'open');
  assert.equal(p.ask(SIM_CLI, 'show sess').trimEnd().split('\n').length, 2);
});
