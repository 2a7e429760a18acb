/** `npm run bench -- NAME …`: runs one benchmark, or says which there are. */

const BENCHMARKS: Readonly<Record<string, string>> = {
  sleeper: 'one member of a room of 200 stops reading: what the others notice, and what it finds on waking',
  crowd: '10,000 people sign in at once: time and memory each',
  million: 'starting on, and asking, a store with a million lines',
  peers: 'beside InspIRCd, ngIRCd and a bare Bun loop; with the targets',
  room: 'deliveries a second in one big room and in many small ones, beside a bare Bun loop',
  watchers: 'a thousand watch the page while a big room talks: what they cost those who do',
};

const [name = '', ...args] = process.argv.slice(2);
if (Object.hasOwn(BENCHMARKS, name)) {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/${name}.ts`, ...args], {
    stdin: 'inherit',
    stdout: 'inherit',
    stderr: 'inherit',
  });
  process.exitCode = await child.exited;
} else {
  const width = Math.max(...Object.keys(BENCHMARKS).map(key => key.length));
  const list = Object.entries(BENCHMARKS).map(([key, what]) => `  ${key.padEnd(width)}  ${what}`);
  process.stderr.write(
    `npm run bench -- NAME [--json] [--help]\n\n${list.join('\n')}\n\nThey take the machine's two first cores for themselves: run them on a quiet one.\n`,
  );
  process.exitCode = name === '' || name === '--help' ? 0 : 2;
}
