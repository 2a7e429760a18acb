/**
 * What room.ts compares parley with: the least that a chat on Bun can do. It splits lines and fans them out,
 * one shared buffer and one write a listener a pass of the event loop, and nothing else: no limits, no history,
 * no slow readers, no bad input. It understands just what test/bench/kit/load-client.ts says when signing in.
 */

interface Person {
  name: string;
  room: Person[] | null;
  roomName: string;
  rest: string;
  /** Lines of its own this pass, which it is not shown. */
  readonly own: Set<string>;
  socket: Bun.Socket<Person> | null;
  /** What the kernel would not take. */
  unsent: Buffer[];
}

const rooms = new Map<string, Person[]>();
const said = new Map<Person[], string[]>();
const speakers = new Set<Person>();

function answer(person: Person, line: string): void {
  const [verb = '', word = ''] = line.split(' ');
  if (verb === 'register') {
    person.name = word;
    person.socket?.write('* Next: \n');
  } else if (verb === '/join') {
    const room = rooms.get(word) ?? [];
    rooms.set(word, room);
    room.push(person);
    person.room = room;
    person.roomName = word;
    person.socket?.write(`* You are in ${word}.\n`);
  } else if (person.room) say(person, person.room, line);
}

function say(person: Person, room: Person[], text: string): void {
  const time = new Date().toTimeString().slice(0, 8);
  const line = `[${time}] ${person.name} (in ${person.roomName}): ${text}\n`;
  if (said.size === 0) setImmediate(flush);
  const lines = said.get(room) ?? [];
  said.set(room, lines);
  lines.push(line);
  person.own.add(line);
  speakers.add(person);
}

function flush(): void {
  for (const [room, lines] of said) {
    const bytes = Buffer.from(lines.join(''));
    for (const person of room) {
      if (person.own.size === 0) write(person, bytes);
      else write(person, Buffer.from(lines.filter(line => !person.own.has(line)).join('')));
    }
  }
  said.clear();
  for (const person of speakers) person.own.clear();
  speakers.clear();
}

function write(person: Person, bytes: Buffer): void {
  if (person.unsent.length > 0) {
    person.unsent.push(bytes);
    return;
  }
  if (bytes.length === 0) return;
  const taken = Math.max(0, person.socket?.write(bytes) ?? 0);
  if (taken < bytes.length) person.unsent.push(bytes.subarray(taken));
}

const server = Bun.listen<Person>({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open: socket => {
      socket.data = { name: '', room: null, roomName: '', rest: '', own: new Set(), socket, unsent: [] };
    },
    data: ({ data: person }, bytes) => {
      const parts = (person.rest + bytes.toString('latin1')).split('\n');
      person.rest = parts.pop() ?? '';
      for (const part of parts) answer(person, part);
    },
    drain: ({ data: person }) => {
      const { unsent } = person;
      person.unsent = [];
      for (const bytes of unsent) write(person, bytes);
    },
  },
});
process.stdout.write(`bare listening on 127.0.0.1:${server.port}\n`);
