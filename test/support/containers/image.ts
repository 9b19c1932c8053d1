import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../../start/project-root.ts';
import { readDockerIgnore } from './docker-ignore.ts';
import type { Dockerfile } from './dockerfile.ts';

const run = promisify(execFile);

// It downloads some 200 packages, from npm's cache where they are there.
const INSTALL_TIMEOUT_MS = 240_000;

/** What an image would be, in a folder: there is no Docker engine where the tests run. */
export interface Image {
  /** Its WORKDIR. */
  readonly appFolder: string;
  /** The environment of each of its processes. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Does in an empty folder what the Dockerfile says: copies what its COPY lines name, as far as `.dockerignore` lets it,
 * and runs its RUN lines there.
 */
export async function buildImage(dockerfile: Dockerfile, folder: string): Promise<Image> {
  const image = {
    appFolder: join(folder, dockerfile.workdir),
    environment: { ...dockerfile.environment, PATH: [bringNode(folder), '/usr/bin', '/bin'].join(delimiter) },
  };
  mkdirSync(image.appFolder, { recursive: true });
  for (const step of dockerfile.steps) {
    if (step.kind === 'run') await runStep(step.command, image);
    else for (const source of step.sources) copyStep(source, step.target, image.appFolder);
  }
  return image;
}

/** The base image's Node; a copy, since an unprivileged user may not be able to reach the one that runs us. */
function bringNode(folder: string): string {
  const bin = join(folder, 'usr', 'local', 'bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(process.execPath, join(bin, 'node'));
  chmodSync(join(bin, 'node'), 0o755);
  return bin;
}

function copyStep(source: string, target: string, appFolder: string): void {
  const isIgnored = readDockerIgnore();
  const from = join(projectRoot(), source);
  if (!existsSync(from) || isIgnored(source)) throw new Error(`COPY ${source}: there is no such file to copy.`);
  const to = join(appFolder, target);
  if (statSync(from).isDirectory()) {
    cpSync(from, to, {
      recursive: true,
      filter: (path) => path === from || !isIgnored(relative(projectRoot(), path)),
    });
    return;
  }
  const file = target.endsWith('/') ? join(to, basename(source)) : to;
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(from, file);
}

async function runStep(command: string, image: Image): Promise<void> {
  await run('/bin/sh', ['-c', command], {
    cwd: image.appFolder,
    env: { ...machineEnvironment(), ...image.environment, npm_config_prefer_offline: 'true' },
    timeout: INSTALL_TIMEOUT_MS,
  });
}

/** The machine's own settings of npm, without what `npm test` tells its children about this project. */
function machineEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_(package|lifecycle)_|npm_config_local_prefix|NODE_)/.test(name),
    ),
  );
}
