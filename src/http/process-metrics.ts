/**
 * The process, under the names that all Prometheus clients use. prom-client's own set is not taken: on Bun its
 * `nodejs_*` are zero or wrong, its CPU time begins when it is loaded, and to count the descriptors it lists
 * them all.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Exposition } from './exposition.ts';

export function describeProcess(to: Exposition): void {
  const startedAt = Math.round((Date.now() - process.uptime() * 1000) / 1000);
  const mostOpen = descriptorLimit();
  to.counter('process_cpu_seconds_total', 'User and system CPU time spent in seconds.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  to.gauge('process_start_time_seconds', 'Start of the process in seconds since the epoch.', () => startedAt);
  to.gauge('process_resident_memory_bytes', 'Resident memory in bytes.', () => process.memoryUsage.rss());
  to.gauge('process_open_fds', 'Open file descriptors.', openDescriptors);
  if (mostOpen !== null)
    to.gauge('process_max_fds', 'Most file descriptors that may be open.', () => mostOpen);
}

const DESCRIPTORS = '/proc/self/fd';

/** Linux says how many there are since 6.2; before, they must be listed. */
function openDescriptors(): number {
  try {
    return statSync(DESCRIPTORS).size || readdirSync(DESCRIPTORS).length - 1;
  } catch {
    return 0;
  }
}

/** Null where there is none, or no way to know. */
function descriptorLimit(): number | null {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? null : Number(limit);
  } catch {
    return null;
  }
}
