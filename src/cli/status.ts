/** `parley status`: how the daemon does, at a glance or for a program. Exit 0: healthy, 1: not, 3: nobody there. */
import { STATUS, type StatusJson } from '../http/api/daemon-shapes.ts';
import { EXIT } from './edge.ts';
import { operatorCommand, type Work } from './operate.ts';
import { counted, grouped, json, size, span, table } from './table.ts';

export const SHOW_STATUS: Work = {
  run: async ({ flags }, desk, io) => {
    const status = await desk.ask('GET', '/api/status', STATUS);
    await io.print(flags.has('json') ? json(status) : statusPage(status));
    return status.health.state === 'ok' ? EXIT.ok : EXIT.failed;
  },
};

export function statusPage(status: StatusJson): string {
  const { health, connections, names, rooms, messages, deliveries } = status;
  const people = connections.text + connections.json + connections.irc;
  const rows: [string, string][] = [
    [
      `parley ${status.version}`,
      `on ${status.server}, pid ${status.pid}, up ${span(status.uptimeMs)}, since ${since(status.startedAt)}`,
    ],
    ['health', health.why === '' ? health.state : `${health.state}: ${health.why}`],
    ['listening', status.listening.join(', ')],
    [
      'people',
      `${counted(names, 'name')} on ${counted(people, 'connection')} (${connections.text} text, ${connections.json} json, ${connections.irc} irc)`,
    ],
    ['rooms', `${grouped(rooms.inUse)} in use, ${grouped(rooms.all)} in all`],
    ['messages', `${grouped(messages.total)}, ${grouped(messages.perSecond)} a second`],
    ['deliveries', `${grouped(deliveries.total)}, ${grouped(deliveries.perSecond)} a second`],
    ['memory', `${size(status.memoryBytes)}, of it ${size(status.outboxBytes)} for slow readers`],
    ['lag', `${grouped(status.lagMs)} ms, commits ${grouped(status.commitMs)} ms (the longest of 10 s)`],
    [
      'store',
      `${size(status.storeBytes)}, ${counted(status.waitingMessages, 'message')} waiting for their readers`,
    ],
  ];
  // A table without titles.
  return table(['', ''], rows).slice(1);
}

/** `2026-01-15T10:30:15.000Z` -> `2026-01-15 10:30 UTC` */
function since(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}

export default operatorCommand('status', SHOW_STATUS);
