/** A benchmark that waits for something that never comes ends all the same, and says so. */

/** Ends the process, as failed, should it still run after so many seconds. */
export function endAfter(seconds: number): void {
  setTimeout(() => {
    process.stderr.write(`FAILED: not done after ${Math.round(seconds)} s\n`);
    process.exit(1);
  }, seconds * 1000).unref();
}
