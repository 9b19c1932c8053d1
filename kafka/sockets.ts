import type { Socket } from 'node:net';
import { wholeResponses } from './whole-responses.ts';

type Listener = (...parts: unknown[]) => void;

/** What kafkajs 2.2.4 listens to. */
const HEARD = new Set(['data', 'end', 'error', 'timeout']);

/**
 * Keeps the sockets of one kafkajs connection apart. kafkajs goes on hearing a socket that it has given up, and takes what that
 * one still brings for its next one's (kafkajs#715): the rest of a response, which ended the process with a RangeError, or its
 * end, which ended the next one.
 *
 * @param socket as the socket factory made it
 * @returns the same socket: silent once kafkajs has ended it, and with whole responses until then
 */
export function forKafkajs(socket: Socket): Socket {
  let isGivenUp = false;
  const on = socket.on.bind(socket) as (event: string, listener: Listener) => Socket;
  socket.on = ((event: string, listener: Listener) => {
    if (!HEARD.has(event)) return on(event, listener);
    const hear: Listener =
      event === 'data' ? (wholeResponses(listener, (error) => socket.destroy(error)) as Listener) : listener;
    return on(event, (...parts) => {
      if (!isGivenUp) hear(...parts);
    });
  }) as Socket['on'];
  const end = socket.end.bind(socket) as (done: () => void) => Socket;
  socket.end = () => {
    isGivenUp = true;
    return end(() => socket.destroy());
  };
  return socket;
}
