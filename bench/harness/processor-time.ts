import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks per second, the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Fields of `/proc/<pid>/stat` after the command's name: proc(5). */
const [PARENT, USER, SYSTEM, USER_OF_CHILDREN, SYSTEM_OF_CHILDREN] = [1, 11, 12, 13, 14];

/**
 * @param pid of a process, which counts with all that it has started, as PostgreSQL starts one for each connection
 * @returns seconds of processor time so far; NaN where there is no /proc
 */
export function processorSeconds(pid: number): number {
  try {
    const stats = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => statOf(name));
    const own = stats.find((each) => each.pid === pid);
    const children = stats.filter(({ fields }) => Number(fields[PARENT]) === pid);
    const ticks = sum(own?.fields, [USER, SYSTEM, USER_OF_CHILDREN, SYSTEM_OF_CHILDREN]);
    return (ticks + children.reduce((total, { fields }) => total + sum(fields, [USER, SYSTEM]), 0)) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

function statOf(name: string): { pid: number; fields: string[] }[] {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    return [{ pid: Number(name), fields: text.slice(text.lastIndexOf(')') + 2).split(' ') }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

function sum(fields: readonly string[] | undefined, which: readonly number[]): number {
  return which.reduce((total, field) => total + Number(fields?.[field] ?? Number.NaN), 0);
}
