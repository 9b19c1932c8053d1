/**
 * Takes one item after the other, `lines` of them at a time.
 *
 * @param items taken as they are needed
 * @param work gets the number of its line beside its item, from 0 on
 */
export async function inParallel<T>(
  lines: number,
  items: Iterable<T>,
  work: (item: T, line: number) => Promise<void>,
): Promise<void> {
  const next = items[Symbol.iterator]();
  const serve = async (line: number): Promise<void> => {
    for (let taken = next.next(); taken.done !== true; taken = next.next()) await work(taken.value, line);
  };
  await Promise.all(Array.from({ length: lines }, (_, line) => serve(line)));
}
