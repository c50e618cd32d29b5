import { writeFileSync } from 'node:fs';

/**
 * A vitest reporter that writes what ran as one JSON file: how many passed, what
 * failed, and what was skipped with its reason. The file's name is in DEVMEND_COUNTS.
 */
export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: [], skipped: [] };
    for (const file of modules) {
      for (const test of file.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed')
          counts.failed.push(`${file.relativeModuleId} > ${test.fullName}`);
        else counts.skipped.push({ test: test.fullName, reason: note ?? 'no reason given' });
      }
      // A file that could not be loaded, or whose hooks failed, has no test that says so.
      if (file.errors().length > 0)
        counts.failed.push(`${file.relativeModuleId} (the file itself)`);
    }
    for (const error of unhandledErrors) counts.failed.push(`unhandled: ${error.message}`);
    writeFileSync(process.env.DEVMEND_COUNTS, JSON.stringify(counts));
  }
}
