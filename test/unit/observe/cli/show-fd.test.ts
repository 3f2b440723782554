// C28: show fd over a simulated instance.
import assert from 'node:assert/strict';
import test from 'node:test';
import { SIM_CLI, SIM_FRONT, simForwarder, SimProgram } from '../../../support/sim-program.js';

test('C28 show fd: a line for each descriptor: state, callback, flags, owner, mux, transport, who waits', () => {
  const p = new SimProgram(simForwarder(), 'epoll');
  p.listen('127.0.0.2', 9100);
  const c = p.connect(SIM_FRONT);
  c.send('hello');
  p.advance(10);
  const lines = p.ask(SIM_CLI, 'show fd').trimEnd().split('\n');
  assert.equal(lines.length, 5, 'two listeners, two ends of the session, the CLI');
  const hex = '0x[0-9a-f]+';
  const letters = String.raw`\(c[lL] [hH][eE]opi W:s[rR][aA] R:s[rR][aA]\)`;
  const state = ` : st=0x[0-9a-f]{6}${letters} ref=0 gid=1 tmask=0x1 umask=0x0 prmsk=0x[01] pwmsk=0x[01] owner=${hex} iocb=${hex}`;
  const listener = (fe: string, port: number): RegExp =>
    new RegExp(`^ *\\d+${state}\\(sock_accept_iocb\\) l\\.st=RDY fe=${fe} fam=ipv4 lport=${port}$`);
  const conn = (back: number, ports: string, who: string): RegExp =>
    new RegExp(
      `^ *\\d+${state}\\(sock_conn_iocb\\) back=${back} cflg=0x00000300 cerr=0 fam=ipv4 ${ports} ${who} mux=PASS ctx=${hex} xprt=RAW sub=1/siCsIoCb cs=yes cfl=CTRL_READY\\|XPRT_READY$`,
    );
  const front = conn(0, String.raw`lport=8080 rport=\d+`, 'fe=fe');
  const back = conn(1, String.raw`lport=\d+ rport=9100`, 'sv=be/s1');
  for (const wanted of [listener('fe', SIM_FRONT), listener('GLOBAL', SIM_CLI), front, back]) {
    assert.equal(lines.filter((x) => wanted.test(x)).length, 1, `${String(wanted)} in\n${lines.join('\n')}`);
  }
  assert.equal(lines.filter((x) => x.includes(' back=0 ') && x.includes(' fe=GLOBAL ')).length, 1);
  const fd = /\d+/.exec(lines[0]!)![0];
  assert.equal(p.ask(SIM_CLI, `show fd ${fd}`), `${lines[0]!}\n\n`);
  assert.equal(p.ask(SIM_CLI, 'show fd 4000'), '\n');
});
