import { afterAll, beforeAll, test } from 'vitest';
import { openStage, type Stage } from './harness.ts';
let stage: Stage;
beforeAll(async () => { stage = await openStage(); });
afterAll(async () => { await stage.close(); });
test('home', async () => {
  const d = await stage.launch();
  await d.close();
  console.log((await stage.asUser('/usr/bin/find', [stage.home, '-maxdepth', '5'])).stdout);
  console.log((await stage.asUser(stage.application+'/devmend', ['--inspect=0','--version'])).stdout);
});
