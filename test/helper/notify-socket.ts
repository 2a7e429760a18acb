/**
 * Listens where a service manager would (`NOTIFY_SOCKET`) and prints what comes, a JSON string a line, the
 * first of them the address it listens at. A process of its own, since it waits in a system call.
 */
import { dlopen } from 'bun:ffi';
import { writeSync } from 'node:fs';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;

const { socket, bind, recv } = dlopen('libc.so.6', {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  recv: { args: ['i32', 'ptr', 'u64', 'i32'], returns: 'i64' },
}).symbols;

const [path = ''] = process.argv.slice(2);
const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`);
const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
const address = Uint8Array.of(AF_UNIX, 0, ...name);
if (bind(fd, address, address.length) !== 0) throw new Error(`cannot listen at ${path}`);
say(path);
const bytes = Buffer.alloc(4096);
for (;;) {
  const length = Number(recv(fd, bytes, bytes.length, 0));
  if (length < 0) break;
  say(bytes.toString('utf8', 0, length));
}

function say(text: string): void {
  writeSync(1, `${JSON.stringify(text)}\n`);
}
