// Subcommands as a user meets them: help, unknown ones, doctor, the demonstration, check with the system's features.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { COMMANDS, helpText } from '../../../../src/runtime/commands/help.js';
import { doctorText } from '../../../../src/runtime/commands/doctor.js';
import { programPath } from '../../../support/target.js';

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function sluice(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const options = { env: { ...process.env, ...env }, timeout: 120_000 };
  return new Promise((resolve) => {
    execFile(programPath('sluice'), args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}

test('help names every command with two examples, and each has a help of its own', async () => {
  const shown = await sluice(['--help']);
  assert.deepEqual([shown.status, shown.stdout, shown.stderr], [0, helpText(), '']);
  for (const { name, examples } of COMMANDS) {
    assert.equal(examples.length, 2, name);
    for (const example of examples) assert.ok(helpText().includes(example));
    if (name === 'help') continue;
    const own = await sluice([name, '--help']);
    assert.equal(own.status, 0, name);
    for (const example of examples) {
      assert.ok(own.stdout.includes(example.replace(/ \|.*/, '')), `${name}: ${example}`);
    }
  }
});

test('an unknown command is an error that names the nearest one', async () => {
  const near = await sluice(['docter']);
  assert.equal(near.status, 1);
  assert.match(near.stderr, /no command 'docter'; did you mean 'doctor'\?/);
  const far = await sluice(['frobnicate']);
  assert.equal(far.status, 1);
  assert.match(far.stderr, /there are tcp, check, doc, doctor, demo, help/);
});

test('doctor tells kernel, addon, transports, splicing and limits, and ends with 0 whatever it finds', async () => {
  const full = await sluice(['doctor']);
  assert.equal(full.status, 0);
  for (const line of [
    /^ {2}kernel +Linux /m,
    /^ {2}addon +loaded$/m,
    /^ {2}epoll +yes$/m,
    /^ {2}uring +(yes|no: )/m,
    /^ {2}fs\.pipe-max-size +\d+$/m,
    /^ {2}pipe of 1 MiB +[\d,]+ bytes given, splice works$/m,
    /^ {2}open files +\S+ \(hard \S+\)$/m,
    /^ {2}maxconn, computed +[\d,]+ /m,
  ]) {
    assert.match(full.stdout, line);
  }
  const without = doctorText({ SLUICE_NATIVE: '0' });
  assert.match(without, /^ {2}addon +not loaded: switched off by SLUICE_NATIVE=0$/m);
  assert.match(without, /^ {2}in use +js unless/m);
  assert.match(doctorText({ SLUICE_TRANSPORT: 'pigeon' }), /there is no such transport/);
  assert.match(doctorText({ SLUICE_TRANSPORT: 'js', SLUICE_NATIVE: '1' }), /^ {2}addon +not loaded: SLUICE_NATIVE=1/m);
});

for (const transport of ['epoll', 'uring', 'js'] as const) {
  test(`${transport}: the demonstration proves itself`, async () => {
    const shown = await sluice(['demo', '--once'], { SLUICE_TRANSPORT: transport });
    assert.deepEqual([shown.status, shown.stderr], [0, ''], shown.stdout);
    assert.match(shown.stdout, new RegExp(`^sluice demo, transport ${transport}, listening on 127\\.0\\.0\\.1:\\d+`));
    assert.match(shown.stdout, /134,217,728 bytes \(128\.0 MiB\), both ways; every byte came back as sent/);
    if (transport === 'js') assert.match(shown.stdout, /spliced +none: the js transport cannot/);
    else assert.match(shown.stdout, /spliced +[\d,]{6,} bytes \(\d+\.\d %\) stayed in the kernel/);
    assert.match(shown.stdout, /system calls +[\d,]+/);
    assert.match(shown.stdout, /FRONTEND .* 67108864 +67108864$/m);
  });
}

test('check answers .if for this system and names what the transport cannot do', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'slt-'));
  try {
    const guarded = path.join(dir, 'guarded.cfg');
    const plain = path.join(dir, 'plain.cfg');
    const text = (option: string): string =>
      `listen a\n  mode tcp\n  bind 127.0.0.1:1\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n${option}`;
    writeFileSync(guarded, text('.if feature(LINUX_SPLICE)\n  option splice-auto\n.endif\n'));
    writeFileSync(plain, text('  option splice-auto\n'));
    const js = { SLUICE_TRANSPORT: 'js' };
    assert.equal((await sluice(['check', guarded])).status, 0);
    assert.equal((await sluice(['check', plain])).status, 0);
    assert.equal((await sluice(['check', guarded], js)).status, 0);
    const refused = await sluice(['check', plain], js);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /'option splice-auto' cannot be done by the js transport/);
    const wrong = await sluice(['check', plain], { SLUICE_TRANSPORT: 'pigeon' });
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /there is no such transport/);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
