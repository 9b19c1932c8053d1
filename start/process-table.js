import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * The command line of a process, its arguments joined by spaces; undefined when there is no such process.
 *
 * @param {number} pid
 */
export function commandLineOf(pid) {
  if (!isPid(pid)) return undefined;
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    }
    return ps('command', pid);
  } catch {
    return undefined;
  }
}

/**
 * When a process was started, as the system tells it. Process numbers are used again: a number and this mark together
 * name one process for good.
 *
 * @param {number} pid
 * @returns {string | undefined} undefined when there is no such process, or only its remains (a zombie) are there.
 */
export function birthOf(pid) {
  if (!isPid(pid)) return undefined;
  try {
    if (process.platform !== 'linux') return ps('lstart', pid);
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name, may hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' || startTime === undefined ? undefined : `${boot}/${startTime}`;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} column
 * @param {number} pid
 */
function ps(column, pid) {
  return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
}

/** @param {number} pid */
function isPid(pid) {
  return Number.isInteger(pid) && pid > 1;
}
