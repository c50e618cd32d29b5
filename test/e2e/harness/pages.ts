import type { Locator } from 'playwright';
import type { Devmend } from '../harness.ts';

export type ScreenName =
  'scan' | 'findings' | 'plan' | 'repair' | 'done' | 'history' | 'machine' | 'settings';

/** Devmend's screens as a person uses them: by what stands on the buttons. */
export function screens({ app, page }: Pick<Devmend, 'app' | 'page'>) {
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const screen = async (name: ScreenName): Promise<Locator> => {
    const main = page.locator(`main[data-screen="${name}"]`);
    await main.waitFor();
    return main;
  };
  return {
    button,
    screen,
    /** Goes to one of the four places on the left. */
    go: async (name: 'Repair' | 'History' | 'Machine' | 'Settings') => {
      await page.getByRole('navigation', { name: 'Main' }).getByText(name, { exact: true }).click();
    },
    scan: async () => {
      await button('Scan this machine').click();
      return screen('findings');
    },
    plan: async () => {
      await button(/^Review plan for/).click();
      const main = await screen('plan');
      await button(/^Apply \d/).waitFor();
      return main;
    },
    apply: async () => {
      await button(/^Apply \d/).click();
    },
    /** The step that is marked as the current one. */
    currentStep: () => page.locator('[aria-current="step"]').innerText(),
    /** What the terminal drawer holds, through its own Copy button. */
    terminalText: async () => {
      await page.getByRole('button', { name: 'Copy', exact: true }).click();
      // The page itself may not read the clipboard: permission rules refuse it.
      return app.evaluate(({ clipboard }) => clipboard.readText());
    },
    /** Whether the terminal is drawn, and no wider than the drawer has room for. */
    terminalIsInside: () =>
      page.evaluate(() => {
        const drawer = document.querySelector('[data-testid="terminal"]');
        const screen = drawer?.querySelector('.xterm-screen');
        if (!drawer || !screen) return false;
        const { paddingRight } = getComputedStyle(drawer);
        const room = drawer.getBoundingClientRect().right - Number.parseFloat(paddingRight);
        return screen.getBoundingClientRect().right <= room;
      }),
    /** Opens the newest entry of the history. */
    newest: async () => {
      const main = await screen('history');
      await main.getByRole('row').nth(1).click();
      return main;
    },
  };
}
