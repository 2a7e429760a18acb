/** The programs people really use: nc and telnet, typed into in tmux, and nc at the end of a pipe. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { $ } from 'bun';
import { BINARY, Daemon, remove, scratch } from '../helper/daemon.ts';

const dir = scratch();
const SOCKET = join(dir, 'tmux');
let daemon: Daemon;

beforeAll(async () => {
  daemon = await Daemon.start('--memory', '--server-name', 'parley.example');
});

afterAll(async () => {
  await $`tmux -S ${SOCKET} kill-server`.nothrow().quiet();
  await daemon.stop();
  remove(dir);
});

async function terminal(name: string, command: string): Promise<void> {
  // The shell goes on after the command, so that its last words stay on the screen.
  await $`tmux -S ${SOCKET} -f /dev/null new-session -d -s ${name} -x 100 -y 50 ${`TERM=dumb ${command}; cat`}`.quiet();
}

async function types(name: string, line: string): Promise<void> {
  await $`tmux -S ${SOCKET} send-keys -t ${name} -l ${line}`.quiet();
  await $`tmux -S ${SOCKET} send-keys -t ${name} Enter`.quiet();
}

/** The screen once this is on it; gives up when the test's time is up. */
async function shows(name: string, wanted: string): Promise<string[]> {
  for (;;) {
    const screen = await $`tmux -S ${SOCKET} capture-pane -p -S -200 -t ${name}`.text();
    const lines = screen.split('\n').map(line => line.trimEnd());
    if (lines.some(line => line.includes(wanted))) return lines.filter(line => line !== '');
    await Bun.sleep(20);
  }
}

test('nc and telnet show every line at the start of a line, in one room', async () => {
  await terminal('nc', `nc 127.0.0.1 ${daemon.port}`);
  await terminal('telnet', `telnet 127.0.0.1 ${daemon.port}`);
  await shows('nc', 'To begin: register <name>');
  await shows('telnet', 'To begin: register <name>');
  await types('nc', 'register alice');
  await types('nc', 'join ops');
  await shows('nc', 'You are in ops');
  await types('telnet', 'register bob');
  await types('telnet', 'join ops');
  await shows('nc', '* bob joined ops');
  await types('nc', 'hello téam');
  await shows('telnet', 'hello téam');
  await types('telnet', 'hi alice');
  await types('telnet', '/msg alice psst');
  const nc = await shows('nc', 'bob (private): psst');
  expect(nc.slice(-3)).toEqual([
    'hello téam',
    expect.stringMatching(/^\[\d\d:\d\d:\d\d\] bob \(in ops\): hi alice$/),
    expect.stringMatching(/^\[\d\d:\d\d:\d\d\] bob \(private\): psst$/),
  ]);
  const telnet = await shows('telnet', 'hello téam');
  expect(telnet).toContainEqual(expect.stringMatching(/^\[\d\d:\d\d:\d\d\] alice \(in ops\): hello téam$/));
  await types('telnet', '/exit');
  await shows('telnet', '* Bye.');
  await shows('telnet', 'Connection closed by foreign host.');
  await shows('nc', '* bob left ops');
});

test('a script at the end of a pipe has every line run and every answer shown', async () => {
  const script = ['register deploy', 'join builds', 'deploy done', '/history', '/topic all is well'];
  const shown = await $`printf ${`${script.join('\\n')}\\n`} | nc -N 127.0.0.1 ${daemon.port}`.text();
  const lines = shown.trimEnd().split('\n');
  expect(lines.at(-2)).toMatch(/^#\d+ \[[\d:]+\] deploy \(in builds\): deploy done$/);
  expect(lines.at(-1)).toBe('* Topic of builds: all is well (deploy)');
});

test('curl at the chat port is told so, and runs nothing', async () => {
  const answer = await $`curl -s -i -d ${'register mallory'} http://127.0.0.1:${daemon.port}/join`.text();
  expect(answer).toStartWith('HTTP/1.1 421 ');
  expect(answer).toContain('http-request');
  const who = await $`printf ${'register eve\\n/who mallory\\n'} | nc -N 127.0.0.1 ${daemon.port}`.text();
  expect(who).toContain('! no-such-name: ');
});

test('closing the terminal that parley runs in stops it', async () => {
  await terminal(
    'server',
    `${BINARY} --memory --host 127.0.0.1 --port 0; echo ended >> ${join(dir, 'ended')}`,
  );
  await shows('server', 'listening on');
  const pid = (await $`tmux -S ${SOCKET} list-panes -t server -F ${'#{pane_pid}'}`.text()).trim();
  const parley = (await $`pgrep -P ${pid} parley`.text()).trim();
  await $`tmux -S ${SOCKET} kill-session -t server`.quiet();
  while ((await $`kill -0 ${parley}`.nothrow().quiet()).exitCode === 0) await Bun.sleep(20);
});
