import { bytesOf } from '../../../bench/load/request.ts';

describe('A request of a load', () => {
  it('has a body of JSON with its length in bytes', () => {
    expect(bytesOf({ method: 'POST', path: '/api/orders', body: { userId: 'ö' } }).toString()).toBe(
      'POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"userId":"ö"}',
    );
  });

  it('ends with its head when it has no body', () => {
    expect(bytesOf({ method: 'GET', path: '/api/orders/1' }).toString()).toBe(
      'GET /api/orders/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    );
  });
});
