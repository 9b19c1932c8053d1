import fc from 'fast-check';
import { wholeResponses } from '../../kafka/whole-responses.ts';

function response(payload: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}

function connection(): { take: (chunk: Buffer) => void; delivered: Buffer[]; nonsense: string[] } {
  const delivered: Buffer[] = [];
  const nonsense: string[] = [];
  const take = wholeResponses(
    (responses) => delivered.push(responses),
    ({ message }) => nonsense.push(message),
  );
  return { take, delivered, nonsense };
}

test('however the bytes come, only whole responses are handed over, all of them and in order', () => {
  const payloads = fc.array(fc.uint8Array({ minLength: 4, maxLength: 200 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(payloads, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (responses, steps) => {
      const bytes = Buffer.concat(responses.map(response));
      const { take, delivered, nonsense } = connection();
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const step = steps[turn % steps.length] ?? 1;
        take(bytes.subarray(at, at + step));
        at += step;
      }
      expect(nonsense).toEqual([]);
      expect(Buffer.concat(delivered).equals(bytes)).toBe(true);
      for (const each of delivered) {
        let at = 0;
        while (at < each.length) at += 4 + each.readInt32BE(at);
        expect(at).toBe(each.length);
      }
    }),
  );
});

test('what a cut connection has brought of a response is handed over to nobody', () => {
  const { take, delivered } = connection();
  const [first, second] = [response(Buffer.alloc(20, 1)), response(Buffer.alloc(20, 2))];
  take(Buffer.concat([first, second.subarray(0, 15)]));
  expect(delivered).toEqual([first]);
});

test.each([0, 3, -1, 0x7fffffff])('a length of %d is none', (length) => {
  const { take, delivered, nonsense } = connection();
  const head = Buffer.alloc(4);
  head.writeInt32BE(length);
  take(Buffer.concat([head, Buffer.alloc(8)]));
  expect(nonsense).toHaveLength(1);
  expect(delivered).toEqual([]);
});
