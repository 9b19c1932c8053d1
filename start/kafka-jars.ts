import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { kafkaJarsFolderOf, kafkaPom } from './kafka-jars-folder.js';
import { projectRoot } from './project-root.ts';
import { StartError } from './start-error.ts';

const run = promisify(execFile);

// A slow mirror brings the 50 MB in this time; a dead one ends here.
const DOWNLOAD_TIMEOUT_MS = 300_000;
const LINES_SHOWN = 8;

function kafkaJarsFolder(): string {
  return kafkaJarsFolderOf(projectRoot());
}

/** Whether the jars are there, so that no Maven is needed. */
export function haveKafkaJars(): boolean {
  return existsSync(kafkaJarsFolder());
}

/**
 * Brings Kafka's jars by Maven unless they are there. They are downloaded beside and moved when whole, so that half a
 * download is never taken for all of it, and two starts at once do not meet.
 *
 * @param interrupt ends the download.
 * @returns the folder of the jars.
 * @throws StartError when there is no Maven, or it fails; with its last lines.
 */
export async function bringKafkaJars(interrupt?: AbortSignal): Promise<string> {
  const folder = kafkaJarsFolder();
  if (haveKafkaJars()) return folder;
  const half = `${folder}.${randomUUID()}`;
  mkdirSync(half, { recursive: true });
  try {
    await copyDependencies(half, interrupt);
    renameSync(half, folder);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

async function copyDependencies(folder: string, interrupt: AbortSignal | undefined): Promise<void> {
  const args = [
    '--batch-mode',
    '--no-transfer-progress',
    '--file',
    kafkaPom(projectRoot()),
    'dependency:copy-dependencies',
  ];
  try {
    await run('mvn', [...args, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'], {
      cwd: projectRoot(),
      timeout: DOWNLOAD_TIMEOUT_MS,
      // Or Java cannot open a path with an é.
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
      ...(interrupt && { signal: interrupt }),
    });
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: string | number; stdout?: string; stderr?: string };
    if (code === 'ENOENT') throw noMaven();
    const lines = `${stdout}${stderr}`.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n    ');
    throw new StartError(
      `Maven could not bring Kafka's jars: check the network and Maven's settings, and start again. It said:\n    ${lines}`,
      'maven',
    );
  }
}

/** @throws StartError when Maven would be needed and is not there. */
export async function requireMavenUnlessJarsAreThere(): Promise<void> {
  if (haveKafkaJars()) return;
  try {
    await run('mvn', ['--version']);
  } catch (error) {
    // One that is there and broken is told with its own words when it is used.
    if ((error as { code?: string }).code === 'ENOENT') throw noMaven();
  }
}

function noMaven(): StartError {
  return new StartError(
    "Maven (mvn) is not installed; it brings Kafka's jars the first time: install Maven 3.8 or newer, or set KAFKA_BROKERS to a Kafka of yours.",
    'maven',
  );
}
