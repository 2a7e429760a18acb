import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Report } from '../../src/bench/report.ts';
import { BINARY, Daemon } from '../helper/daemon.ts';

let daemon: Daemon;
beforeAll(async () => {
  daemon = await Daemon.start('--memory', '--limits', 'off');
});
afterAll(async () => {
  await daemon.kill();
});

function start(argv: readonly string[], port = daemon.port) {
  return Bun.spawn([BINARY, 'bench', '--target', `127.0.0.1:${port}`, ...argv], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    env: { PATH: process.env['PATH'] ?? '' },
  });
}

async function ended(child: ReturnType<typeof start>) {
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, code };
}

const QUICK = ['--seconds', '0.3', '--warm-up', '0'];

describe('parley bench against a parley', () => {
  test('reports a closed loop in rooms shared among processes, as one JSON object', async () => {
    const load = ['--rooms', '1', '--members', '9', '--speakers', '2', '--window', '3', '--private', '1'];
    const { out, err, code } = await ended(
      start([...QUICK, ...load, '--idle', '2', '--processes', '2', '--pid', String(daemon.pid), '--json']),
    );
    expect([err, code]).toEqual(['', 0]);
    const report = JSON.parse(out) as Report;
    expect(report).toMatchObject({
      tool: 'parley bench',
      target: `127.0.0.1:${daemon.port}`,
      dialect: 'text',
      window: 3,
      connections: 13,
      lost: 0,
      doubled: 0,
      disordered: 0,
      errors: 0,
      problems: [],
      server: { pid: daemon.pid },
      storm: null,
    });
    expect(report.deliveries).toBeGreaterThan(report.said);
    expect(report.latencyMs.p50).toBeGreaterThan(0);
    expect(report.server?.rssBytes).toBeGreaterThan(0);
  });

  test('measures a storm and who waits meanwhile', async () => {
    const { out, code } = await ended(start([...QUICK, '--storm', '60', '--json']));
    const { storm, connections, rate } = JSON.parse(out) as Report;
    expect([code, connections, rate]).toEqual([0, 70, 200]);
    expect(storm?.signInsPerSecond).toBeGreaterThan(0);
    expect(storm?.p50Ms).toBeGreaterThan(0);
  });

  test('ends at Ctrl-C with what was measured so far', async () => {
    const child = start(['--seconds', '600', '--warm-up', '0', '--members', '3', '--progress']);
    const progress = child.stderr.getReader();
    let said = '';
    while (!said.includes('deliveries a second')) {
      const { value, done } = await progress.read();
      if (done) throw new Error(`it ended early: ${said}`);
      said += new TextDecoder().decode(value);
    }
    child.kill('SIGINT');
    const [out, code] = await Promise.all([child.stdout.text(), child.exited]);
    expect(code).toBe(130);
    expect(out).toMatch(/^deliveries a second +\d/m);
  });
});

/** A server that forgets the fifth line said, shows the sixth twice, and the eighth before the seventh. */
function carelessServer() {
  const people: Bun.Socket<undefined>[] = [];
  const said: string[] = [];
  const show = (line: string, speaker: Bun.Socket<undefined>): void => {
    for (const person of people) if (person !== speaker) person.write(`[10:00:00] a (in b): ${line}\n`);
  };
  const answer = (socket: Bun.Socket<undefined>, line: string): void => {
    if (line.startsWith('register ')) socket.write('* Next: join\n');
    else if (line.startsWith('/join ')) {
      people.push(socket);
      socket.write('* You are in b.\n');
    } else {
      const nth = said.push(line);
      if (nth === 5) socket.write('! not-kept: the disk is full\n');
      else if (nth === 8) for (const late of [line, said[6] ?? '']) show(late, socket);
      else if (nth !== 7) for (let times = nth === 6 ? 2 : 1; times > 0; times--) show(line, socket);
    }
  };
  return Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data: (socket, bytes) => {
        for (const line of bytes.toString().trimEnd().split('\n')) answer(socket, line);
      },
    },
  });
}

test('a server that loses, doubles, swaps and refuses lines is found out, and parley bench fails', async () => {
  const server = carelessServer();
  const load = ['--members', '4', '--speakers', '1', '--window', '4', '--json'];
  const { out, code } = await ended(start([...QUICK, ...load], server.port));
  server.stop(true);
  expect(JSON.parse(out)).toMatchObject({
    // Three listeners; two of them are read line by line, the third is only counted.
    lost: 2,
    doubled: 2,
    disordered: 2,
    errors: 1,
    problems: [{ code: '! not-kept', count: 1, example: '! not-kept: the disk is full' }],
  });
  expect(code).toBe(1);
});

test('a server that lets nobody in is named with what it said', async () => {
  const full = await Daemon.start('--memory', '--connections', '1');
  const { out, err, code } = await ended(start([...QUICK, '--members', '2'], full.port));
  await full.kill();
  expect([out, code]).toEqual(['', 1]);
  expect(err).toMatch(/^parley: m\w+ cannot sign in: [^\n]+\n$/);
});

test('a server that dies meanwhile is an error, and what was measured is shown all the same', async () => {
  const mortal = await Daemon.start('--memory', '--limits', 'off');
  const argv = ['--seconds', '1.5', '--warm-up', '0', '--members', '3', '--pid', 'auto', '--progress'];
  const child = start(argv, mortal.port);
  const progress = child.stderr.getReader();
  for (let said = ''; !said.includes('deliveries a second'); ) {
    const { value, done } = await progress.read();
    if (done) throw new Error(`it ended early: ${said}`);
    said += new TextDecoder().decode(value);
  }
  await mortal.kill();
  const [out, code] = await Promise.all([child.stdout.text(), child.exited]);
  expect(code).toBe(1);
  expect(out).toMatch(/^errors +3$/m);
  expect(out).toContain('3 × closed, such as: the server closed a connection');
});

test('nobody listening is one line and exit code 1', async () => {
  const { out, err, code } = await ended(start(QUICK, 1));
  expect([out, code]).toEqual(['', 1]);
  expect(err).toBe('parley: cannot connect to 127.0.0.1:1: ECONNREFUSED\n');
});

test('a wrong setting is one line and exit code 2', async () => {
  const { out, err, code } = await ended(start(['--rooms', 'many']));
  expect([out, code]).toEqual(['', 2]);
  expect(err).toBe('parley: --rooms: "many" is not a whole number. Allowed: 0 to 100000\n');
});
