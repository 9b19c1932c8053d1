import type { EventEmitter } from 'node:events';
import type { ServiceBroker } from 'moleculer';
import type { Completion } from './completion.ts';
import type { Interrupts } from './interrupts.ts';

/** Moleculer's REPL has a `load <file>` of its own, which comes first: what is no file is meant for ours. */
const OUR_LOAD = /^\s*load(?=\s+(?:--|help\b)|\s*$)/;

type Evaluate = (typed: string, ...rest: unknown[]) => unknown;

interface Server extends EventEmitter {
  eval: Evaluate;
  completer: (line: string, done: (error: null, found: [string[], string]) => void) => void;
}

/** Puts our completion before that of Moleculer's REPL, which knows its own commands only, and lets ours have Ctrl-C. */
export function prepareServer(broker: ServiceBroker, completion: Completion, interrupts: Interrupts): void {
  const start = broker.repl.bind(broker) as () => Server;
  broker.repl = () => {
    const server = start();
    interrupts.attach(server);
    const others = server.completer.bind(server);
    server.completer = (line, done) => {
      const found = completion.complete(line);
      if (found === null) others(line, done);
      else done(null, found);
    };
    const evaluate = server.eval.bind(server);
    server.eval = (typed, ...rest) => evaluate(typed.replace(OUR_LOAD, 'load-orders'), ...rest);
    return server;
  };
}
