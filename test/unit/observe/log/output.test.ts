// Descriptors as log targets: whole lines or none, and never a wait. A pipe that nobody reads is a FIFO here.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Thread } from '../../../../src/datapath/fd/thread.js';
import { DescriptorOutput } from '../../../../src/observe/log/output.js';

const thr = { sys: { name: 'js' } } as unknown as Thread;
const linux = process.platform === 'linux';

function inPlace(run: (dir: string) => void): void {
  const dir = mkdtempSync(path.join(tmpdir(), 'sluice-out-'));
  try {
    run(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('a full pipe takes no line, and goes on with whole lines once it is read', { skip: !linux }, () => {
  inPlace((dir) => {
    const fifo = path.join(dir, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const fd = openSync(fifo, constants.O_RDWR); // blocking, as an inherited stdout is
    const out = new DescriptorOutput(thr, fd);
    const long = `${'x'.repeat(9000)}\n`;
    let taken = 0;
    while (out.write(long)) taken++;
    assert.ok(taken >= 1);
    const read: Buffer[] = [];
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const drain = (): void => {
      const b = Buffer.alloc(1 << 20);
      read.push(b.subarray(0, readSync(reader, b)));
    };
    drain();
    assert.equal(out.write('the next\n'), true);
    drain();
    const lines = Buffer.concat(read).toString('latin1').split('\n');
    assert.deepEqual([...new Set(lines.slice(0, taken))], ['x'.repeat(9000)]);
    assert.deepEqual(lines.slice(taken), ['the next', '']);
    out.close();
    closeSync(reader);
    closeSync(fd);
  });
});

test('a file takes every line, bytes as they are', () => {
  inPlace((dir) => {
    const file = path.join(dir, 'file');
    const fd = openSync(file, 'w');
    const out = new DescriptorOutput(thr, fd);
    assert.equal(out.write('one\n') && out.write('\u00e9\u0001\n'), true);
    out.close();
    closeSync(fd);
    assert.deepEqual([...readFileSync(file)], [111, 110, 101, 10, 0xe9, 1, 10]);
  });
});

test('a descriptor that is not there takes nothing, and nothing is thrown', () => {
  const out = new DescriptorOutput(thr, 9999);
  assert.equal(out.write('x\n'), false);
  out.close();
});
