import { SpanKind, trace } from '@opentelemetry/api';
import { traceShared, type SharedWork } from '../../../tracing/batch-spans.ts';
import { continueTraces } from '../../../tracing/continue-traces.ts';
import { activeTraceparent, isTracing, traceIdOf } from '../../../tracing/tracer.ts';
import { orderCreated } from '../../../events/order-created.ts';
import type { NewEvent } from '../../../events/event.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function sharedWork(): SharedWork<{ readonly cause: string | null }> & { readonly describe: jest.Mock } {
  return {
    name: 'batch',
    kind: SpanKind.INTERNAL,
    attributes: {},
    items: [{ cause: TRACEPARENT }, { cause: null }],
    causeOf: ({ cause }) => cause,
    describe: jest.fn(),
  };
}

describe('while no traces are made', () => {
  test('a batch makes no span and describes nothing; a trace that came from elsewhere goes on as it is', async () => {
    const tracer = jest.spyOn(trace, 'getTracer');
    const shared = sharedWork();
    const [first, second] = shared.items;
    const went = await traceShared(shared, (spans) => {
      spans.add(first as never, () => {
        throw new Error('asked');
      });
      return Promise.resolve([spans.traceparentOf(first as never), spans.traceparentOf(second as never)]);
    });
    expect(went).toEqual([TRACEPARENT, null]);
    expect(shared.describe).not.toHaveBeenCalled();
    expect(tracer).not.toHaveBeenCalled();
    tracer.mockRestore();
  });

  test('nothing is active, and no line names a trace', () => {
    expect(isTracing()).toBe(false);
    expect(activeTraceparent()).toBeNull();
    expect(traceIdOf(TRACEPARENT)).toEqual({});
  });

  test('what the work throws comes through', async () => {
    await expect(traceShared(sharedWork(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

test('an event goes on in the trace of the cause that has its aggregate, and in none without one', () => {
  const causes = [
    { id: 'a', traceparent: TRACEPARENT },
    { id: 'b', traceparent: null },
  ];
  const traceparentOf = continueTraces(
    causes,
    ({ id }) => id,
    ({ traceparent }) => traceparent,
  );
  const about = (aggregateId: string): NewEvent =>
    ({ definition: orderCreated, aggregateId }) as Partial<NewEvent> as NewEvent;
  expect(['a', 'b', 'c'].map((id) => traceparentOf(about(id)))).toEqual([TRACEPARENT, null, null]);
});
