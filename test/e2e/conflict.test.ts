import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStage, type Stage } from './harness.ts';
import { fileFacts, laySmallGit, namedGit, type DeskFiles } from './harness/desk.ts';
import { screens } from './harness/pages.ts';

let stage: Stage;
let desk: DeskFiles;

beforeAll(async () => {
  stage = await openStage();
  desk = laySmallGit(stage);
});
afterAll(() => stage?.close());

it('A3.5 what somebody else put in the place of the repaired program is not written over', async () => {
  const before = fileFacts(desk.settings);
  const devmend = await stage.launch();
  const at = screens(devmend);
  await at.scan();
  await at.plan();
  await at.apply();
  await at.screen('done');
  const copy = namedGit(desk.settings);
  writeFileSync(copy, '#!/bin/sh\necho somebody else\n');
  const theirs = fileFacts(copy);

  await at.go('History');
  const history = await at.newest();
  await history.getByText('Changed since').first().waitFor();
  await history.getByRole('radio', { name: /Keep the present version/ }).waitFor();
  await at.button('Undo this repair').click();
  await history
    .getByRole('row', { name: /Undone/ })
    .first()
    .waitFor();
  expect(fileFacts(copy)).toEqual(theirs);
  expect(fileFacts(desk.settings)).toEqual(before);
  expect(readFileSync(copy, 'utf8')).toContain('somebody else');
  expect(await devmend.problems()).toEqual([]);
});
