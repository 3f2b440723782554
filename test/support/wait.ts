// Waiting in tests: always for a condition, with a limit far above what a loaded machine needs. A limit that is hit
// is a failure with a text; no test asserts how fast something was.

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Polls `probe` every `stepMs` until it gives something other than undefined, and returns that. Rejects with `what`
 * after `limitMs`; an exception of the probe ends the waiting.
 */
export async function until<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  limitMs = 10_000,
  stepMs = 10,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const got = await probe();
    if (got !== undefined) return got;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms for: ${what}`);
    await sleep(stepMs);
  }
}

/** The promise's result, or a rejection with `what` after `limitMs`. */
export async function within<T>(what: string, promise: Promise<T>, limitMs = 10_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms for: ${what}`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
