import { Driver } from './driver.ts';
import type { Order, Report } from './finding.ts';
import { targetNamed } from './targets/registry.ts';

// Whoever asked is gone, or has what was asked for.
process.on('disconnect', () => process.exit());

/** A process of its own for one campaign, since a reader that hangs cannot be stopped otherwise. */
process.on('message', (order: Order) => {
  // Waited for: a process that is busy, or ended, would not have said it yet.
  const send = (report: Report): Promise<void> =>
    new Promise((said) => process.send?.(report, undefined, {}, () => said()));
  // What a reader leaves behind and nobody waits for counts as thrown.
  process.on('unhandledRejection', (reason) => {
    throw reason;
  });
  void new Driver(targetNamed(order.target), order, import.meta.url, send).run().then(
    () => process.disconnect(),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
      process.exit(70);
    },
  );
});
