import { HttpFileSession, readHttpFile } from '../support/http-file.ts';
import { systemOfThisFile } from '../support/running-system.ts';
import { blocksOf, runAll, shape, type Block } from '../support/walkthrough.ts';

const running = systemOfThisFile();

const PAGE = blocksOf('docs/from-zero.md');
/** Blocks that are not run here: what is installed, and what has started this system. */
const ELSEWHERE = ['sh install', 'sh versions', 'sh start'];
/** Which block stands under a script, saying what came back. */
const ANSWER_TO: Readonly<Record<string, string>> = {
  sh: 'json',
  'sh events': 'text events',
  'sh headers': 'text headers',
  'sh repl': 'text repl',
};

/** Scripts of the page with the blocks under them. */
function steps(): { script: Block; answer: Block }[] {
  const here = PAGE.filter(({ info }) => !ELSEWHERE.includes(info));
  return here.flatMap((script, index) => {
    const answer = here[index + 1];
    return index % 2 === 0 && answer !== undefined ? [{ script, answer }] : [];
  });
}

/** What the last event of a stream says. */
function lastEvent(stream: string): unknown {
  const data = stream.split('\n').filter((line) => line.startsWith('data: '));
  return shape(data.at(-1)?.slice('data: '.length) ?? '');
}

test('every script of "From zero" is run here or elsewhere, and has its answer under it', () => {
  expect(PAGE.find(({ info }) => info === 'sh start')?.text).toBe('npm ci && npm start');
  const found = steps();
  expect(found.length * 2 + ELSEWHERE.length).toBe(PAGE.length);
  for (const { script, answer } of found) expect(answer.info).toBe(ANSWER_TO[script.info]);
});

test('followed word for word, "From zero" says what comes back', async () => {
  const found = steps();
  const outputs = await runAll(
    running.place,
    found.map(({ script }) => script.text),
  );
  expect(outputs).toHaveLength(found.length);
  for (const [index, { answer }] of found.entries()) {
    const output = outputs[index] ?? '';
    if (answer.info === 'json') expect(shape(output)).toEqual(shape(answer.text));
    else if (answer.info === 'text events') expect(lastEvent(output)).toEqual(lastEvent(answer.text));
    else expect(output).toContain(answer.text);
  }
}, 120_000);

test('every request of requests.http is answered as its comment says', async () => {
  const { requests, variables } = readHttpFile();
  const session = new HttpFileSession({
    ...variables,
    gateway: running.place.urls.api,
    orders: running.place.urls.orders,
    payments: running.place.urls.payments,
  });
  const answered: { title: string; status: number; problem: string | null }[] = [];
  for (const request of requests) {
    const { status, json } = await session.send(request);
    const type = json?.type;
    answered.push({
      title: request.title,
      status,
      problem: typeof type === 'string' ? type.replace('/problems/', '') : null,
    });
  }
  expect(answered).toEqual(requests.map(({ title, status, problem }) => ({ title, status, problem })));
}, 60_000);
