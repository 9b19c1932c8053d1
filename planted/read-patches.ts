import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPatch, type PlantedBug } from './patch.ts';

const ENDING = '.patch';

/** @returns the bugs of a folder, in the order of their names */
export function readPatches(folder: string): PlantedBug[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ENDING))
    .sort()
    .map((file) => readPatch(file.slice(0, -ENDING.length), readFileSync(join(folder, file), 'utf8')));
}
