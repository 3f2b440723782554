// What taking and giving back a buffer costs, alone and with a thousand others in use.
import { BUF_LARGE, BUF_SMALL, BufPool } from '../../../../src/base/bufpool.js';
import { measure } from '../../support/measure.js';

const pool = new BufPool(64 << 20, 16384, 0, () => undefined);

function pairs(cls: number): (n: number) => number {
  return (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const ofs = pool.alloc(cls);
      sum += ofs;
      pool.release(ofs);
    }
    return sum;
  };
}

measure('bufpool: alloc and release, small', pairs(BUF_SMALL));
measure('bufpool: alloc and release, large', pairs(BUF_LARGE));
for (let i = 0; i < 1000; i++) pool.alloc(BUF_SMALL);
measure('bufpool: alloc and release, 1000 in use', pairs(BUF_SMALL));
measure('bufpool: classOf', (n) => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += pool.classOf((i & 7) << 14);
  return sum;
});
