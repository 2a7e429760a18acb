/** `parley import FILE`: adds what was exported to the store of a parley that is not running. */
import { defineCommand } from 'citty';
import { clean } from '../chat/text.ts';
import { reasonOf, systemWorld } from '../config/world.ts';
import { readWithSettings } from './arguments.ts';
import { complain, EXIT, edgeOf } from './edge.ts';
import { dataOf, misused, orRefused } from './store.ts';
import { counted } from './table.ts';

/** Bad lines that are named; the others are counted. */
const NAMED = 20;

export default defineCommand({
  meta: { name: 'import' },
  async run({ rawArgs, data }) {
    const read = readWithSettings('import', rawArgs, systemWorld);
    if ('length' in read) return misused(read);
    const [name = ''] = read.words;
    const lines = linesOf(name);
    // Asked for before the store is touched: a name that is wrong is found out first.
    const first = await lines.next().catch((error: unknown) => reasonOf(error));
    if (typeof first === 'string') {
      complain(`cannot read ${name}: ${first}.`);
      return EXIT.failed;
    }
    const dir = dataOf(read.config);
    const { importLines } = await import('../backend/embedded/import.ts');
    let bad = 0;
    return await orRefused(async () => {
      const done = await importLines(dir, again(first, lines), {
        skipBad: read.flags.has('skip-bad'),
        now: Date.now(),
        log: edgeOf(data).log,
        bad: (number, why) => {
          if (++bad <= NAMED) complain(`line ${number}: ${clean(why)}`);
          else if (bad === NAMED + 1) complain('…');
        },
        progress: count => complain(`${count} lines read`),
      });
      const { added, there, rooms, renumbered } = done;
      const notes = [
        `added ${counted(added, 'event')} and ${counted(rooms, 'room')} to ${dir}`,
        ...(there > 0 ? [`${there} were there already`] : []),
        ...(renumbered > 0 ? [`${renumbered} have a new id`] : []),
        ...(done.bad > 0 ? [`${counted(done.bad, 'bad line')} left out`] : []),
      ];
      complain(notes.join('; '));
      return EXIT.ok;
    });
  },
});

async function* linesOf(name: string): AsyncGenerator<string, undefined> {
  const file = name === '-' ? Bun.stdin : Bun.file(name);
  const decoder = new TextDecoder();
  let partial = '';
  for await (const bytes of file.stream()) {
    const parts = (partial + decoder.decode(bytes, { stream: true })).split('\n');
    partial = parts.pop() ?? '';
    yield* parts;
  }
  if (partial !== '') yield partial;
  return undefined;
}

/** With the first line, which was taken, in its place. */
async function* again(
  first: IteratorResult<string, undefined>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
