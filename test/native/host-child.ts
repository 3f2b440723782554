// Scenarios of host.test.ts that need a process of their own: `host-child.ts NAME`.
import { createNativeSys } from '../../src/sys/native.js';
import type { NativeSys } from '../../src/sys/native.js';

const BYTES = 1 << 20;

function stop(sys: NativeSys): void {
  let turns = 0;
  process.on('exit', () => process.stdout.write('exit\n'));
  sys.hostStart(() => {
    sys.poll(10);
    if (++turns < 3) return;
    sys.hostStop();
    process.stdout.write(`turns ${turns}\n`);
  });
}

function throwing(sys: NativeSys, times: number): void {
  let turns = 0;
  sys.hostStart(() => {
    sys.poll(1);
    if (++turns <= times) throw new Error(`boom ${turns}`);
    sys.hostStop();
    process.stdout.write('exit\n');
  });
}

const scenarios: Record<string, (sys: NativeSys) => void> = {
  stop,
  throw: (sys) => throwing(sys, 1),
  'throw-handled': (sys) => {
    process.on('uncaughtException', (error) => process.stdout.write(`caught ${error.message}\n`));
    throwing(sys, 2);
  },
  exit: (sys) => sys.hostStart(() => process.exit(7)),
};

const scenario = scenarios[process.argv[2] ?? ''];
if (scenario === undefined) throw new Error(`no scenario ${process.argv[2]}`);
scenario(createNativeSys({ arenaBytes: BYTES }));
