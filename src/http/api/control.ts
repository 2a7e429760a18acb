/**
 * `/api/reload`, `/api/upgrade` and `/api/drain`: what the machine's own operator asks of the daemon, in place of
 * a signal.
 */
import type { Control } from '../../ops/control.ts';
import { type Route, route } from '../route.ts';
import { json, operatorOf } from './answer.ts';
import { DRAINING, RELOADED, UPGRADING } from './daemon-shapes.ts';

export interface ControlSources {
  readonly control: Control;
  /** Connections now. */
  connections(): number;
  /** ms that stopping waits for those who do not read. */
  drainTimeout(): number;
}

export function controlRoutes({ control, connections, drainTimeout }: ControlSources): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/reload',
      need: 'local',
      summary: 'Read the settings again',
      details: 'All of them are put in force, or none: then it is refused with what is wrong.',
      answers: { 200: { what: 'What came of it.', shape: RELOADED } },
      run: async ask => {
        const { changed, restart } = await control.reload(operatorOf(ask).name);
        return json({ changed: [...changed], restart: [...restart] });
      },
    }),
    route({
      method: 'POST',
      path: '/api/upgrade',
      need: 'local',
      summary: 'Go on as the program that is now in this one’s place',
      details: 'Plain connections stay. Refused where the other program cannot start or take over.',
      answers: { 202: { what: 'It begins.', shape: UPGRADING } },
      run: async ask => json({ version: await control.upgrade(operatorOf(ask).name) }, 202),
    }),
    route({
      method: 'POST',
      path: '/api/drain',
      need: 'local',
      summary: 'Take nobody new, tell everyone, and end',
      details: 'How far it has come: GET /api/status, until nobody answers.',
      answers: { 202: { what: 'It has begun.', shape: DRAINING } },
      run: ask => {
        const answer = { connections: connections(), timeoutMs: drainTimeout() };
        control.stop(operatorOf(ask).name);
        return json(answer, 202);
      },
    }),
  ];
}
