import { FIRST_LIMIT, InFlightBound } from '../../http/in-flight-bound.ts';

/** A door before a system that ends calls in the order in which they came. */
class Door {
  nowMs = 0;
  refused = 0;
  readonly bound = new InFlightBound(
    () => this.refused++,
    () => this.nowMs,
  );
  readonly #underWay: { readonly end: () => void; readonly ended: Promise<null> }[] = [];

  begin(): void {
    const { promise, resolve } = Promise.withResolvers<null>();
    const end = (): void => {
      resolve(null);
    };
    this.#underWay.push({ end, ended: this.bound.run(() => promise) });
  }

  /** Lets in whom there is room for, until somebody is refused. */
  fill(): void {
    while (this.bound.refusal() === null) this.begin();
  }

  async endOne(afterMs: number): Promise<void> {
    this.nowMs += afterMs;
    const call = this.#underWay.shift();
    call?.end();
    await call?.ended;
  }

  /** For some seconds more calls come than the system can end. */
  async offerTooMuch(seconds: number, perSecond: number): Promise<void> {
    const untilMs = this.nowMs + seconds * 1000;
    while (this.nowMs < untilMs) {
      this.fill();
      await this.endOne(1000 / perSecond);
    }
  }
}

describe('the bound of a door', () => {
  test.each([
    [1000, 200],
    [4000, 800],
    [100, 100],
    [20_000, 2000],
  ])('of a system that ends %d calls a second lets %d in, once it is what holds calls back', async (rate, limit) => {
    const door = new Door();
    await door.offerTooMuch(10, rate);
    expect(Math.abs(door.bound.limit - limit)).toBeLessThanOrEqual(limit / 100);
    expect(door.refused).toBeGreaterThan(0);
  });

  test('stays while nobody is refused: how many calls end tells how many came', async () => {
    const door = new Door();
    for (let turn = 0; turn < 1000; turn++) {
      door.begin();
      await door.endOne(10);
    }
    expect(door.bound.limit).toBe(FIRST_LIMIT);
  });

  test('stays while nothing ends, and after that', async () => {
    const door = new Door();
    door.fill();
    await door.endOne(60_000);
    expect(door.bound.limit).toBe(FIRST_LIMIT);
    door.fill();
    expect(door.refused).toBe(2);
  });

  test('comes back when the system is quick again', async () => {
    const door = new Door();
    await door.offerTooMuch(10, 500);
    expect(door.bound.limit).toBeLessThan(FIRST_LIMIT);
    await door.offerTooMuch(10, 3000);
    expect(door.bound.limit).toBeGreaterThan(500);
  });
});
