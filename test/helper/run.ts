/**
 * Runs `bun test` with the arguments given and ends with one plain line, `N passed, N failed`, for those who
 * read only the end. The exit code is that of `bun test`.
 */
const { FORCE_COLOR } = process.env;
const color = FORCE_COLOR ?? (process.stderr.isTTY ? '1' : '0');
const tests = Bun.spawn([process.execPath, 'test', ...process.argv.slice(2)], {
  env: { ...process.env, FORCE_COLOR: color },
  stdin: 'ignore',
  stdout: 'inherit',
  stderr: 'pipe',
});

let tail = '';
const decoder = new TextDecoder();
for await (const bytes of tests.stderr) {
  process.stderr.write(bytes);
  // The summary is at the very end.
  tail = (tail + decoder.decode(bytes, { stream: true })).slice(-4096);
}
const code = await tests.exited;

const summary = Bun.stripANSI(tail);
const count = (word: string) =>
  /\d+/.exec(summary.match(new RegExp(`^ *\\d+ ${word}$`, 'gm'))?.at(-1) ?? '')?.[0];
process.stdout.write(`${count('pass') ?? 0} passed, ${count('fail') ?? 0} failed\n`);
// A summary that could not be found is not a run that went well.
process.exitCode = code === 0 && count('pass') === undefined ? 1 : code;
