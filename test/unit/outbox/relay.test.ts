import { nameOf, Refused, relayOver } from './fakes.ts';

const namesOf = (rows: Parameters<typeof nameOf>[0][]): string[] => rows.map(nameOf);

describe('what is confirmed', () => {
  test('is deleted, and counted', async () => {
    const { session, publisher, relay, counters } = relayOver([0, 1]);
    session.add(0, 'a:1', 'a:3');
    session.add(1, 'b:2');
    expect(await relay.runOnce()).toBe(3);
    expect(publisher.requests).toEqual([['a:1', 'a:3', 'b:2']]);
    expect(session.rows).toEqual([]);
    expect(counters.publishedTotal).toBe(3);
    expect(await relay.runOnce()).toBe(0);
  });

  test('is only what lies in the lanes that are held', async () => {
    const { session, publisher, relay } = relayOver([1]);
    session.add(0, 'a:1');
    session.add(1, 'b:2');
    await relay.runOnce();
    expect(publisher.topic).toEqual(['b:2']);
  });

  test('is deleted only after the confirmation', async () => {
    const { session, publisher, relay } = relayOver([0]);
    session.add(0, 'a:1');
    publisher.answer = () => {
      expect(namesOf(session.rows)).toEqual(['a:1']);
    };
    await relay.runOnce();
    expect(publisher.requests).toHaveLength(1);
  });
});

describe('a failure that may pass', () => {
  test('keeps the rows, makes the lane wait, and sends the same rows again in the same order', async () => {
    const { session, publisher, relay, clock, counters } = relayOver([0]);
    session.add(0, 'a:1', 'a:2');
    publisher.answer = () => {
      throw new Error('leader not available');
    };
    expect(await relay.runOnce()).toBe(0);
    expect(namesOf(session.rows)).toEqual(['a:1', 'a:2']);
    expect(counters.trouble).toContain('leader not available');
    session.add(0, 'a:3');
    expect(await relay.runOnce()).toBe(0);
    expect(publisher.requests).toHaveLength(1);

    publisher.answer = () => undefined;
    clock.now += relay.untilRetryMs() ?? NaN;
    expect(await relay.runOnce()).toBe(3);
    expect(publisher.topic).toEqual(['a:1', 'a:2', 'a:3']);
    expect(counters.trouble).toBeNull();
  });

  test('waits longer each time, but never longer than three seconds', async () => {
    const { session, publisher, relay, clock } = relayOver([0]);
    session.add(0, 'a:1');
    publisher.answer = () => {
      throw new Error('no');
    };
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      await relay.runOnce();
      waits.push(relay.untilRetryMs() ?? NaN);
      clock.now += waits.at(-1) ?? NaN;
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3000, 3000, 3000]);
  });

  test('does not hold up a lane that was not in the request', async () => {
    const { session, publisher, relay } = relayOver([0, 1]);
    session.add(0, 'a:1');
    publisher.answer = () => {
      throw new Error('no');
    };
    await relay.runOnce();
    publisher.answer = () => undefined;
    session.add(1, 'b:2');
    expect(await relay.runOnce()).toBe(1);
    expect(publisher.topic).toEqual(['b:2']);
  });
});

describe('a message that Kafka refuses for good', () => {
  const refuse =
    (...bad: string[]) =>
    (names: string[]): void => {
      if (names.some((name) => bad.includes(name))) throw new Refused('MESSAGE_TOO_LARGE');
    };

  test('is parked with the later ones of its key; every other key goes on, in order', async () => {
    const { session, publisher, relay, alarms, counters } = relayOver([0, 1]);
    session.add(0, 'a:1', 'b:2', 'a:3', 'c:4', 'a:5', 'b:6');
    session.add(1, 'd:7', 'd:8');
    publisher.answer = refuse('a:3');
    expect(await relay.runOnce()).toBe(8);
    expect(publisher.topic).toEqual(['a:1', 'b:2', 'c:4', 'b:6', 'd:7', 'd:8']);
    expect(session.parked.map(({ message, reason }) => `${nameOf(message)} ${reason}`)).toEqual([
      'a:3 refused',
      'a:5 behind',
    ]);
    expect(alarms).toEqual([expect.stringContaining('event-3')]);
    expect(alarms[0]).toContain('MESSAGE_TOO_LARGE');
    expect(counters).toMatchObject({ publishedTotal: 6, parkedTotal: 2 });
  });

  test('keeps its key parked for what comes later, also after another relay took the lane', async () => {
    const { session, publisher, relay } = relayOver([0]);
    session.add(0, 'a:1');
    publisher.answer = refuse('a:1');
    await relay.runOnce();
    session.add(0, 'a:2', 'b:3');
    await relay.runOnce();
    expect(publisher.topic).toEqual(['b:3']);

    const next = relayOver([0]);
    next.session.parked = session.parked;
    next.session.add(0, 'a:4', 'b:5');
    await next.relay.runOnce();
    expect(next.publisher.topic).toEqual(['b:5']);
    expect(next.session.parked.map(({ message }) => nameOf(message))).toEqual(['a:1', 'a:2', 'a:4']);
  });

  test('no longer holds back its key when a person has put the parked ones back', async () => {
    const { session, publisher, relay, clock } = relayOver([0]);
    session.add(0, 'a:1', 'a:2');
    publisher.answer = refuse('a:1');
    await relay.runOnce();
    session.parked = [];
    session.add(0, 'a:1', 'a:2');
    publisher.answer = () => undefined;
    clock.now += 1000;
    await relay.runOnce();
    expect(publisher.topic).toEqual(['a:1', 'a:2']);
  });

  test('that is put back while its key goes on being written is published, and nothing is parked again', async () => {
    const { session, publisher, relay, clock } = relayOver([0]);
    session.add(0, 'a:1', 'a:2');
    publisher.answer = refuse('a:1');
    await relay.runOnce();
    publisher.answer = () => undefined;
    session.parked = [];
    session.add(0, 'a:1', 'a:2', 'a:3');
    for (let polls = 0; polls < 3; polls++) {
      await relay.runOnce();
      clock.now += 250;
    }
    expect(publisher.topic).toEqual(['a:1', 'a:2', 'a:3']);
    expect(session.parked).toEqual([]);
  });

  test('while halving, a failure that may pass stops everything after it', async () => {
    const { session, publisher, relay } = relayOver([0]);
    session.add(0, 'a:1', 'b:2', 'a:3', 'b:4');
    publisher.answer = (names) => {
      refuse('b:4')(names);
      if (names.includes('a:1')) throw new Error('leader not available');
    };
    expect(await relay.runOnce()).toBe(0);
    expect(publisher.topic).toEqual([]);
    expect(namesOf(session.rows)).toEqual(['a:1', 'b:2', 'a:3', 'b:4']);
  });
});

describe('a session that ends', () => {
  test('before the send: nothing is sent', async () => {
    const { session, publisher, relay } = relayOver([0]);
    session.add(0, 'a:1');
    const read = session.read.bind(session);
    session.read = async (...args) => {
      const rows = await read(...args);
      session.ended = true;
      return rows;
    };
    expect(await relay.runOnce()).toBe(0);
    expect(publisher.requests).toEqual([]);
  });

  test('during the send: nothing is deleted, nothing else is sent', async () => {
    const { session, publisher, relay } = relayOver([0]);
    session.add(0, 'a:1');
    publisher.answer = () => {
      session.ended = true;
    };
    await expect(relay.runOnce()).rejects.toThrow('the session ended');
    expect(namesOf(session.rows)).toEqual(['a:1']);
    expect(await relay.runOnce()).toBe(0);
    expect(publisher.requests).toHaveLength(1);
  });

  test('while a request is halved: the halves that are left are not sent', async () => {
    const { session, publisher, relay } = relayOver([0]);
    session.add(0, 'a:1', 'b:2');
    publisher.answer = () => {
      session.ended = true;
      throw new Refused('MESSAGE_TOO_LARGE');
    };
    await relay.runOnce();
    expect(publisher.requests).toEqual([['a:1', 'b:2']]);
  });
});

describe('a row that commits late, with an id below what is gone', () => {
  test('by a moment is seen by the next read', async () => {
    const { session, publisher, relay, clock } = relayOver([0]);
    session.add(0, 'a:1', 'b:3');
    await relay.runOnce();
    clock.now += 20;
    session.add(0, 'c:2', 'b:4');
    await relay.runOnce();
    expect(publisher.topic).toEqual(['a:1', 'b:3', 'c:2', 'b:4']);
  });

  test('by long is seen by the read from 0, within a second', async () => {
    const { session, publisher, relay, clock } = relayOver([0]);
    for (let id = 2; id < 100; id++) {
      session.add(0, `a:${id}`);
      await relay.runOnce();
      clock.now += 100;
    }
    session.add(0, 'late:1');
    for (let waitedMs = 0; waitedMs < 1000 && session.rows.length > 0; waitedMs += 250) {
      clock.now += 250;
      await relay.runOnce();
    }
    expect(publisher.topic.at(-1)).toBe('late:1');
  });

  test('is not overtaken by the next of its key, however long its transaction took', async () => {
    const { session, publisher, relay, clock } = relayOver([0]);
    // Transaction 7 has taken the id 1 and is still open.
    session.snapshot = { oldestRunning: 7, next: 8 };
    for (let id = 2; id < 40; id++) {
      session.add(0, `other:${id}`);
      await relay.runOnce();
      clock.now += 100;
    }
    session.snapshot = { oldestRunning: 60, next: 60 };
    session.add(0, 'a:1', 'a:40');
    await relay.runOnce();
    expect(publisher.topic.slice(-2)).toEqual(['a:1', 'a:40']);
  });

  test('holds nothing up when it takes longer than any transaction of a service may', async () => {
    const { session, relay, clock } = relayOver([0]);
    session.snapshot = { oldestRunning: 7, next: 8 };
    for (let id = 2; id < 300; id++) {
      session.add(0, `other:${id}`);
      await relay.runOnce();
      clock.now += 100;
    }
    expect(session.reads.at(-1)?.[0]?.afterId).toBeGreaterThan(0);
  });
});

describe('reading', () => {
  test('begins behind what is long gone, and from 0 once a second only', async () => {
    const { session, relay, clock } = relayOver([0]);
    for (let id = 1; id <= 40; id++) {
      session.add(0, `a:${id}`);
      await relay.runOnce();
      clock.now += 100;
    }
    const fromZero = session.reads.filter(([position]) => position?.afterId === 0);
    expect(fromZero.length).toBeLessThanOrEqual(10);
    expect(session.reads.at(-1)?.[0]?.afterId).toBeGreaterThan(20);
  });

  test('takes scans from 0 a tenth of the time at most, however slow they are', async () => {
    const { session, relay, clock } = relayOver([0]);
    const read = session.read.bind(session);
    session.read = (positions, limits) => {
      if (positions.some(({ afterId }) => afterId === 0)) clock.now += 700;
      return read(positions, limits);
    };
    session.add(0, 'a:1');
    const startedAt = clock.now;
    for (let id = 2; clock.now < startedAt + 30_000; id++) {
      session.add(0, `a:${id}`);
      await relay.runOnce();
      clock.now += 250;
    }
    // The first ones of a lane find nothing to begin behind.
    expect(session.reads.filter(([position]) => position?.afterId === 0).length).toBeLessThanOrEqual(8);
  });

  test('a lane that is full does not starve the others', async () => {
    const { session, publisher, relay } = relayOver([0, 1]);
    session.add(0, ...Array.from({ length: 10_000 }, (_, index) => `full:${index + 1}`));
    session.add(1, 'other:20000');
    await relay.runOnce();
    await relay.runOnce();
    expect(publisher.topic).toContain('other:20000');
  });

  test('a request stays below what one record batch may have', async () => {
    const { session, publisher, relay } = relayOver([0]);
    session.add(0, 'a:1', 'a:2', 'a:3', 'a:4');
    session.rows = session.rows.map((row) => ({ ...row, bytes: 400_000 }));
    await relay.runOnce();
    await relay.runOnce();
    expect(publisher.requests).toEqual([
      ['a:1', 'a:2'],
      ['a:3', 'a:4'],
    ]);
  });

  test('a message above that is sent alone: it is for Kafka to refuse', async () => {
    const { session, publisher, relay } = relayOver([0]);
    session.add(0, 'a:1', 'a:2');
    session.rows = session.rows.map((row) => ({ ...row, bytes: 2_000_000 }));
    await relay.runOnce();
    expect(publisher.requests).toEqual([['a:1']]);
  });

  test('a lane that was given up and came back is read from 0', async () => {
    const { session, relay, clock } = relayOver([0]);
    for (let id = 1; id <= 20; id++) {
      session.add(0, `a:${id}`);
      await relay.runOnce();
      clock.now += 100;
    }
    session.lanes = [];
    await relay.runOnce();
    session.lanes = [0];
    await relay.runOnce();
    expect(session.reads.at(-1)?.[0]?.afterId).toBe(0);
  });
});
