import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ServiceBroker } from 'moleculer';
import { loadConfig, type Config } from '../../config/config.ts';
import { createKafka } from '../../kafka/client.ts';
import { brokerOptions } from '../../moleculer.config.ts';
import { startKafka, type RunningKafka } from '../../start/embedded-kafka.ts';
import { freePort } from '../../start/free-port.ts';
import { startGuard } from '../support/guard.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A Kafka whose listener for clients wants TLS and a password, as a hosted one does. */
const PASSWORD = 'not-for-production';
const folder = temporaryFolder();
const guard = startGuard(folder.all);
const file = (name: string): string => join(folder.path, name);
let kafka: RunningKafka;
let securePort: number;

/** keytool comes with Java, and Java is there for Kafka. */
function keytool(...args: string[]): void {
  execFileSync('keytool', [...args, '-keystore', file('kafka.p12'), '-storepass', PASSWORD, '-alias', 'kafka'], {
    stdio: 'pipe',
  });
}

beforeAll(async () => {
  keytool('-genkeypair', '-keyalg', 'RSA', '-storetype', 'PKCS12', '-dname', 'CN=kafka', '-ext', 'SAN=ip:127.0.0.1');
  keytool('-exportcert', '-rfc', '-file', file('ca.pem'));
  const [port, controllerPort] = [await freePort(), await freePort()];
  securePort = await freePort();
  kafka = await startKafka({
    dataDir: file('kafka'),
    port,
    controllerPort,
    logFile: file('kafka.log'),
    heapMb: 256,
    shortLived: true,
    onSpawn: ({ pid }) => {
      guard.watch(pid);
    },
    settings: {
      listeners: `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${securePort},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${securePort}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
      'listener.name.secure.ssl.keystore.location': file('kafka.p12'),
      'listener.name.secure.ssl.keystore.password': PASSWORD,
      'listener.name.secure.ssl.key.password': PASSWORD,
      'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.secure.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_shop="${PASSWORD}";`,
    },
  });
}, 90_000);

afterAll(async () => {
  await kafka.stop();
  guard.dismiss();
  folder.remove();
});

function config(environment: Record<string, string> = {}): Config {
  return loadConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'fatal',
    KAFKA_BROKERS: `127.0.0.1:${securePort}`,
    KAFKA_TLS_CA_FILE: file('ca.pem'),
    KAFKA_SASL_USERNAME: 'shop',
    KAFKA_SASL_PASSWORD: PASSWORD,
    ...environment,
  });
}

async function connect(environment: Record<string, string>): Promise<void> {
  const admin = createKafka(config(environment).kafka, 'test', silentLogger).admin();
  try {
    await admin.connect();
  } finally {
    await admin.disconnect();
  }
}

test('calls go over TLS with a password: producer, consumer and admin have both', async () => {
  const caller = new ServiceBroker(brokerOptions(config(), 'caller-0'));
  const callee = new ServiceBroker(brokerOptions(config(), 'callee-0'));
  callee.createService({ name: 'echo', actions: { say: ({ params }: { params: unknown }) => params } });
  try {
    await Promise.all([caller.start(), callee.start()]);
    await caller.waitForServices('echo');
    expect(await caller.call('echo.say', { words: 'over TLS' })).toEqual({ words: 'over TLS' });
  } finally {
    await Promise.all([caller.stop(), callee.stop()]);
  }
});

test('a wrong password and a certificate of nobody one trusts are refused', async () => {
  await connect({});
  await expect(connect({ KAFKA_SASL_PASSWORD: 'wrong' })).rejects.toThrow(/authentication/i);
  await expect(connect({ KAFKA_TLS_CA_FILE: '', KAFKA_TLS: 'true' })).rejects.toThrow(/certificate/i);
});
