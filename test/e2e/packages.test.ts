import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../start/project-root.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const root = projectRoot();

interface Ended {
  readonly code: number;
  readonly said: string;
}

async function ended(command: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }) {
  return run(command, [...args], options).then(
    ({ stdout }): Ended => ({ code: 0, said: stdout }),
    (error: unknown): Ended => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, said: stdout + stderr };
    },
  );
}

describe('npm run security: known vulnerabilities', () => {
  let registry: Server | undefined;

  afterEach(() => {
    registry?.close();
    registry = undefined;
  });

  /** npm itself, asking a registry that knows one vulnerability. */
  async function auditAgainst(advisories: object, status = 200): Promise<Ended> {
    registry = createServer((request, response) => {
      const advisory = request.url === '/-/npm/v1/security/advisories/bulk';
      // npm asks for the package's versions, too.
      const name = request.url?.slice(1);
      const versions = { name, versions: { '2.2.4': { name, version: '2.2.4' } } };
      response.writeHead(advisory ? status : 200, { 'content-type': 'application/json' });
      request.resume().on('end', () => response.end(JSON.stringify(advisory ? advisories : versions)));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => registry?.once('listening', resolve));
    return auditAt(`http://127.0.0.1:${(registry.address() as AddressInfo).port}/`);
  }

  function auditAt(address: string): Promise<Ended> {
    const env = { ...process.env, npm_config_registry: address, npm_config_fetch_retries: '0' };
    return ended('node', ['security/audit.ts'], { cwd: root, env });
  }

  const planted = {
    id: 1,
    url: 'https://github.com/advisories/GHSA-test-test-test',
    title: 'Planted',
    severity: 'high',
    vulnerable_versions: '<=2.2.4',
  };

  test('a serious one in a package of production stops', async () => {
    const { code, said } = await auditAgainst({ kafkajs: [planted] });
    expect(said).toContain('high kafkajs: Planted (GHSA-test-test-test)');
    expect(code).toBe(1);
  });

  test('one in a development package is shown, and does not stop', async () => {
    const { code, said } = await auditAgainst({ prettier: [{ ...planted, vulnerable_versions: '*' }] });
    expect(said).toContain('high prettier: Planted');
    expect(said).toContain('packages of production: 0 high or critical advisories');
    expect(code).toBe(0);
  });

  test('a registry that does not answer the question is said, and does not stop', async () => {
    expect(await auditAgainst({}, 405)).toEqual({
      code: 0,
      said: expect.stringMatching(/^not audited: 405/) as string,
    });
    expect(await auditAt('http://127.0.0.1:1/')).toEqual({
      code: 0,
      said: expect.stringMatching(/^not audited: .*ECONNREFUSED/) as string,
    });
  });
});

describe('npm run secrets', () => {
  const folder = temporaryFolder();
  afterAll(() => {
    folder.remove();
  });

  // In two pieces, so that this file is not the one that is found.
  const SECRET = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');

  test.each(['deploy/settings.yml', '.ci/.env.production', 'README.md'])(
    'finds a planted secret in %s',
    async (file) => {
      const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        scripts: { secrets: string };
      };
      for (const settings of ['.gitignore', '.secretlintrc.json']) {
        cpSync(join(root, settings), join(folder.path, settings));
      }
      mkdirSync(join(folder.path, file, '..'), { recursive: true });
      writeFileSync(join(folder.path, file), `token: ${SECRET}\n`);

      const { code, said } = await ended('sh', ['-c', scripts.secrets], { cwd: folder.path });
      expect(said).toContain(file);
      expect(said).toMatch(/GitHub Token/i);
      expect(said).not.toContain(SECRET);
      expect(code).toBe(1);
    },
  );
});
