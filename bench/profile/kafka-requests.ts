import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../start/free-port.ts';
import { findJava } from '../../start/java.ts';
import { bringKafkaJars } from '../../start/kafka-jars.ts';

const run = promisify(execFile);

const PRODUCE_AND_FETCH = ['Produce', 'FetchConsumer'];

/** Kafka's own request metrics, over JMX: totals since it was started. */
export class KafkaRequests {
  readonly #port: number;
  readonly #java: string;
  readonly #jars: string;

  private constructor(port: number, java: string, jars: string) {
    this.#port = port;
    this.#java = java;
    this.#jars = jars;
  }

  /** Has a running Kafka open JMX. @param pid of Kafka @throws Error without `jcmd`, which a JDK has and a JRE has not */
  static async open(pid: number): Promise<KafkaRequests> {
    const java = await findJava();
    const port = await freePort();
    const jcmd = java.includes('/') ? join(dirname(java), 'jcmd') : 'jcmd';
    const settings = ['authenticate', 'ssl'].map((name) => `jmxremote.${name}=false`);
    await run(jcmd, [String(pid), 'ManagementAgent.start', `jmxremote.port=${port}`, ...settings]);
    return new KafkaRequests(port, java, await bringKafkaJars());
  }

  /** @returns by name: requests of each kind, messages in */
  async counts(): Promise<Record<string, number>> {
    const requests = PRODUCE_AND_FETCH.map(
      (request) => `kafka.network:type=RequestMetrics,name=TotalTimeMs,request=${request}`,
    );
    const names = [...requests, 'kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec'];
    const { stdout } = await run(this.#java, [
      ...['-cp', join(this.#jars, '*'), 'org.apache.kafka.tools.JmxTool', '--one-time'],
      ...['--jmx-url', `service:jmx:rmi:///jndi/rmi://127.0.0.1:${this.#port}/jmxrmi`],
      ...['--attributes', 'Count', '--report-format', 'properties'],
      ...names.flatMap((name) => ['--object-name', name]),
    ]);
    const counts = [...stdout.matchAll(/name=(\w+)(?:,request=(\w+))?:Count=(\d+)/g)];
    return Object.fromEntries(counts.map(([, name = '', request, count]) => [request ?? name, Number(count)]));
  }
}
