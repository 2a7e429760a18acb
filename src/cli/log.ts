/** `parley log`: the daemon's log, its newest lines and then each as it comes, until Ctrl-C. */
import { safeParse } from 'valibot';
import { LOG_LINE } from '../http/api/daemon-shapes.ts';
import { cleanLine, formatLine } from '../ops/log.ts';
import type { LogLine } from '../ops/log-tail.ts';
import { EXIT } from './edge.ts';
import { eventsIn } from './event-reader.ts';
import { leaving } from './leave.ts';
import { operatorCommand, type Work } from './operate.ts';

export const FOLLOW_LOG: Work = {
  run: async ({ flags }, desk, io) => {
    const [level = 'info'] = flags.get('level') ?? [];
    const [recent = '50'] = flags.get('recent') ?? [];
    const { isTTY } = process.stdout;
    const color = isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
    const format = flags.has('json') ? 'json' : isTTY ? 'pretty' : 'plain';
    const { signal, restore } = leaving();
    try {
      const query = new URLSearchParams({ level, recent });
      for await (const line of linesIn(await desk.open(`/api/log?${query}`, signal)))
        await io.print(`${formatLine(line, format, color)}\n`);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      restore();
    }
    if (signal.aborted) return EXIT.ok;
    io.say('the log has ended: parley stopped, or had to leave this reader behind');
    return EXIT.failed;
  },
};

/** Lines of the log as they come; cleaned here, too, as it is this terminal that they would steer. */
export async function* linesIn(stream: ReadableStream<Uint8Array>): AsyncGenerator<LogLine, void> {
  for await (const { event, data } of eventsIn(stream)) {
    if (event !== 'line') continue;
    const { success, output } = safeParse(LOG_LINE, JSON.parse(data));
    if (success) yield cleanLine(output.level, output.message, output.fields, output.at);
  }
}

export default operatorCommand('log', FOLLOW_LOG);
