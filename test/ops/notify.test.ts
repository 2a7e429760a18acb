import { beforeEach, describe, expect, test } from 'bun:test';
import { refusal } from '../../src/chat/errors.ts';
import type { Log } from '../../src/chat/ports.ts';
import { Notify, notifyOf, signsOfLife } from '../../src/ops/notify.ts';
import { FakeClock } from '../helper/clock.ts';

/** A service manager that keeps what it is told. */
class Told {
  readonly messages: string[] = [];
  reachable = true;

  send(message: string): boolean {
    if (this.reachable) this.messages.push(message);
    return this.reachable;
  }

  microseconds(): bigint {
    return 12_345_678n;
  }

  /** What was said since this was last asked. */
  take(): string[] {
    return this.messages.splice(0);
  }
}

let told: Told;
let clock: FakeClock;
let status: string;
let notify: Notify;
beforeEach(() => {
  told = new Told();
  clock = new FakeClock();
  status = '3 people in 1 room';
  notify = new Notify(told, clock, 0);
});

describe('the service manager is told', () => {
  test('that it is ready, and how it does from then on, whenever that changed', () => {
    notify.ready(() => status);
    expect(told.take()).toEqual(['READY=1\nSTATUS=3 people in 1 room']);
    clock.advance(60_000);
    expect(told.take()).toEqual([]);
    status = '4 people in 1 room';
    clock.advance(5000);
    expect(told.take()).toEqual(['STATUS=4 people in 1 room']);
    clock.advance(60_000);
    expect(told.take()).toEqual([]);
  });

  test('a status again that could not be handed over', () => {
    notify.ready(() => status);
    told.take();
    told.reachable = false;
    status = 'other';
    clock.advance(5000);
    told.reachable = true;
    clock.advance(5000);
    expect(told.take()).toEqual(['STATUS=other']);
  });

  test('that it reloads, with the time of it, and that it did', () => {
    notify.ready(() => status);
    told.take();
    notify.reloading();
    expect(told.take()).toEqual(['RELOADING=1\nMONOTONIC_USEC=12345678\nSTATUS=reading the settings again']);
    notify.reloaded(null);
    expect(told.take()).toEqual(['READY=1\nSTATUS=3 people in 1 room']);
  });

  test('why a reload changed nothing, until the next that does', () => {
    notify.ready(() => status);
    notify.reloading();
    told.take();
    notify.reloaded(refusal('bad-setting', 'port, from x:1: no'));
    expect(told.take()).toEqual(['READY=1\nSTATUS=3 people in 1 room; not reloaded: port, from x:1: no']);
    status = 'none';
    clock.advance(5000);
    expect(told.take()).toEqual(['STATUS=none; not reloaded: port, from x:1: no']);
    notify.reloaded(null);
    expect(told.take()).toEqual(['READY=1\nSTATUS=none']);
  });

  test('that it stops, with the time that draining may take', () => {
    notify.ready(() => status);
    told.take();
    notify.stopping(60_000);
    expect(told.take()).toEqual(['STOPPING=1\nEXTEND_TIMEOUT_USEC=70000000\nSTATUS=3 people in 1 room']);
    notify.close();
    expect(clock.pending).toBe(0);
  });

  test('why it could not start, with a number', () => {
    notify.failed(refusal('port-in-use', '*:8080'));
    notify.failed(refusal('bad-setting', 'line-rate: no'));
    notify.failed(refusal('database-foreign', 'a\nb'));
    const [first, second, third] = told.take();
    expect(first).toMatch(/^ERRNO=98\nSTATUS=\*:8080 is in use by another program\. [^\n]+$/);
    expect(second).toBe('ERRNO=22\nSTATUS=line-rate: no');
    // Whatever is in a status, it ends no line and starts no other message.
    expect(third?.split('\n')).toHaveLength(2);
    expect(third).toStartWith('ERRNO=5\n');
  });
});

test('signs of life come as often as asked for, and only after it is ready', () => {
  notify = new Notify(told, clock, 15_000);
  clock.advance(60_000);
  expect(told.take()).toEqual([]);
  notify.ready(() => status);
  told.take();
  clock.advance(14_999);
  expect(told.take()).toEqual([]);
  clock.advance(1);
  expect(told.take()).toEqual(['WATCHDOG=1']);
  clock.advance(60_000);
  expect(told.take()).toEqual(Array.from({ length: 4 }, () => 'WATCHDOG=1'));
  notify.stopping(0);
  told.take();
  clock.advance(15_000);
  expect(told.take()).toEqual(['WATCHDOG=1']);
  notify.close();
  clock.advance(60_000);
  expect(told.take()).toEqual([]);
});

test('signs of life are for half the time that the watchdog of this process waits', () => {
  expect(signsOfLife({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '17' }, 17)).toBe(15_000);
  expect(signsOfLife({ WATCHDOG_USEC: '30000000' }, 17)).toBe(15_000);
  expect(signsOfLife({ WATCHDOG_USEC: '1' }, 17)).toBe(1);
  expect(signsOfLife({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '18' }, 17)).toBe(0);
  for (const WATCHDOG_USEC of ['', '0', '-1', 'soon', '1e9'])
    expect(signsOfLife({ WATCHDOG_USEC }, 17)).toBe(0);
});

describe('whoever starts it', () => {
  const logged: string[] = [];
  const note = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: note, info: note, warn: note, error: note };

  test('without wanting to be notified is not', async () => {
    expect(await notifyOf({}, 1, clock, log)).toBeNull();
    expect(await notifyOf({ NOTIFY_SOCKET: '' }, 1, clock, log)).toBeNull();
    expect(logged).toEqual([]);
  });

  test('is not notified at an address that is none, which is said', async () => {
    for (const NOTIFY_SOCKET of ['vsock:2:1234', 'relative', `/${'x'.repeat(108)}`]) {
      expect(await notifyOf({ NOTIFY_SOCKET }, 1, clock, log)).toBeNull();
      expect(logged.pop()).toContain(NOTIFY_SOCKET);
    }
  });
});
