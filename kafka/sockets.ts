import type { Socket } from 'node:net';
import { wholeResponses } from './whole-responses.ts';

type Listener = (...parts: unknown[]) => void;

/** What kafkajs 2.2.4 listens to. */
const HEARD = new Set(['data', 'end', 'error', 'timeout']);

/**
 * Opens a socket for a kafkajs connection, and keeps it apart from the connection's others. kafkajs goes on hearing a socket
 * that it has given up, and takes what that one still brings for its next one's (kafkajs#715): the rest of a response, which
 * ended the process with a RangeError; its end, which ended the next one; that it is open at last, whereupon the
 * connection counted as open for ever, with no socket.
 *
 * @param open makes the socket and calls back once it is connected
 * @param onConnect as kafkajs gives it
 * @returns the socket: silent once kafkajs has ended it, and with whole responses until then
 */
export function openForKafkajs(open: (onConnect: () => void) => Socket, onConnect: () => void): Socket {
  let [isOpen, isGivenUp] = [false, false];
  const unlessGivenUp =
    (listener: Listener): Listener =>
    (...parts) => {
      if (!isGivenUp) listener(...parts);
    };
  const socket = open(
    unlessGivenUp(() => {
      isOpen = true;
      onConnect();
    }),
  );
  const on = socket.on.bind(socket) as (event: string, listener: Listener) => Socket;
  socket.on = ((event: string, listener: Listener) => {
    if (!HEARD.has(event)) return on(event, listener);
    const hear: Listener =
      event === 'data' ? (wholeResponses(listener, (error) => socket.destroy(error)) as Listener) : listener;
    return on(event, unlessGivenUp(hear));
  }) as Socket['on'];
  const end = socket.end.bind(socket) as (done: () => void) => Socket;
  socket.end = () => {
    // Whoever waits for it would wait until kafkajs' time-out.
    if (!isOpen && !isGivenUp && !socket.destroyed) socket.emit('error', new Error('given up before it was open'));
    isGivenUp = true;
    return isOpen ? end(() => socket.destroy()) : socket.destroy();
  };
  return socket;
}
