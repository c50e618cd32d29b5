import type { Page } from 'playwright';

declare global {
  interface Window {
    devmendViolations?: string[];
  }
}

/** Everything that a page complained of. Has to be empty at the end of every test. */
export interface Observer {
  readonly problems: () => Promise<readonly string[]>;
}

/**
 * Watches a page for console errors, uncaught errors and breaches of the content
 * security policy, and loads it again so that the load itself is watched too.
 */
export async function observe(page: Page): Promise<Observer> {
  const complaints: string[] = [];
  page.on('console', (message) => {
    // Chromium speaks of its software renderer, which only machines without a GPU have.
    if (message.text().includes('GL Driver Message')) return;
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`console ${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  await page.addInitScript(() => {
    window.devmendViolations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.devmendViolations?.push(
        `policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`,
      );
    });
  });
  await page.reload();
  return {
    problems: async () => [
      ...complaints,
      ...(page.isClosed()
        ? []
        : await page.evaluate(() => window.devmendViolations ?? ['not watched'])),
    ],
  };
}
