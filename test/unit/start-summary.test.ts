import { loadConfig } from '../../config/config.ts';
import { dataFolderAt } from '../../start/data-folder.ts';
import { summary } from '../../start/summary.ts';

const addresses = {
  brokers: 'kafka.example:9092',
  ordersUrl: 'postgres://postgres:postgres@127.0.0.1:5433/orders',
  paymentsUrl: 'postgres://app:secret@db.example/payments',
  apiPort: 8090,
  ordersPort: 8081,
  paymentsPort: 8082,
};

describe('the table after the start', () => {
  const { access } = loadConfig({});
  const table = summary(addresses, access, dataFolderAt('/clone/.data'), 48_200_000, 5_340, '/clone');

  test('says where everything is', () => {
    for (const where of [
      'http://localhost:8090/api',
      'http://localhost:8090/docs',
      'http://localhost:8090/console',
      ':8081',
      ':8082',
      'kafka.example:9092',
      addresses.ordersUrl,
      '.data/logs/',
    ]) {
      expect(table).toContain(where);
    }
    expect(table).toMatch(/Data +\.data\/, 48\.2 MB \(kept/);
    expect(table).toMatch(/Next +npm run demo/);
    expect(table).toContain('Ready in 5.3 s');
  });

  test('shows no password that was given', () => {
    expect(table).toContain('postgres://app:***@db.example/payments');
    expect(table).not.toContain('secret');
  });

  test('says in one line that everybody may do everything, when that is so', () => {
    expect(table.match(/Authorisation is off/g)).toHaveLength(1);
    expect(table).not.toContain('Bearer');
  });

  test('shows how to make a token, when callers need one', () => {
    const secret = 'a secret of more than thirty-two bytes';
    const secured = summary(addresses, loadConfig({ AUTH_SECRET: secret }).access, dataFolderAt('/d'), 0, 1, '/clone');
    expect(secured).toContain('-H "Authorization: Bearer $(npm run -s token -- --sub alice)"');
    expect(secured).not.toContain('Authorisation is off');
    expect(secured).not.toContain(secret);
  });

  test('names a data folder elsewhere in full', () => {
    expect(summary(addresses, access, dataFolderAt('/var/data'), 0, 1, '/clone')).toContain('/var/data/logs/');
  });
});
