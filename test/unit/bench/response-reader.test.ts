import { ResponseReader } from '../../../bench/load/response-reader.ts';

const CREATED = 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"orderId":"a"}';
const REFUSED = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length:2\r\nRetry-After: 1\r\n\r\n{}';
const EMPTY = 'HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n';
const BOTH = [
  { status: 201, body: '{"orderId":"a"}' },
  { status: 503, body: '{}' },
  { status: 304, body: '' },
];

describe('The load’s reader of answers', () => {
  it('reads the same answers wherever their bytes are cut', () => {
    const text = CREATED + REFUSED + EMPTY;
    for (let first = 0; first <= text.length; first++) {
      for (const second of [first, first + 1, first + 7, text.length]) {
        const reader = new ResponseReader();
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect(pieces.flatMap((piece) => reader.read(piece))).toEqual(BOTH);
      }
    }
  });

  it('gives an answer only when its body is there', () => {
    const reader = new ResponseReader();
    expect(reader.read(CREATED.slice(0, -1))).toEqual([]);
    expect(reader.read('}')).toEqual([BOTH[0]]);
  });

  it.each([
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['something that is no answer', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['an interim answer', 'HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n'],
  ])('refuses %s rather than miscount', (_what, text) => {
    expect(() => new ResponseReader().read(text)).toThrow('The load reads answers');
  });
});
