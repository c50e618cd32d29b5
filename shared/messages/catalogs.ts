import enApp from './en/app.json' with { type: 'json' };
import enError from './en/error.json' with { type: 'json' };
import enComponent from './en/component.json' with { type: 'json' };
import enCheck from './en/check.json' with { type: 'json' };
import enRepair from './en/repair.json' with { type: 'json' };
import enChange from './en/change.json' with { type: 'json' };
import enSandbox from './en/sandbox.json' with { type: 'json' };
import enVerify from './en/verify.json' with { type: 'json' };
import enProbe from './en/probe.json' with { type: 'json' };
import enJournal from './en/journal.json' with { type: 'json' };
import enMatrix from './en/matrix.json' with { type: 'json' };
import enUpgrade from './en/upgrade.json' with { type: 'json' };
import enCli from './en/cli.json' with { type: 'json' };
import enProcess from './en/process.json' with { type: 'json' };
import enTrace from './en/trace.json' with { type: 'json' };
import zhApp from './zh-CN/app.json' with { type: 'json' };
import zhError from './zh-CN/error.json' with { type: 'json' };
import zhComponent from './zh-CN/component.json' with { type: 'json' };
import zhCheck from './zh-CN/check.json' with { type: 'json' };
import zhRepair from './zh-CN/repair.json' with { type: 'json' };
import zhChange from './zh-CN/change.json' with { type: 'json' };
import zhSandbox from './zh-CN/sandbox.json' with { type: 'json' };
import zhVerify from './zh-CN/verify.json' with { type: 'json' };
import zhProbe from './zh-CN/probe.json' with { type: 'json' };
import zhJournal from './zh-CN/journal.json' with { type: 'json' };
import zhMatrix from './zh-CN/matrix.json' with { type: 'json' };
import zhUpgrade from './zh-CN/upgrade.json' with { type: 'json' };
import zhCli from './zh-CN/cli.json' with { type: 'json' };
import zhProcess from './zh-CN/process.json' with { type: 'json' };
import zhTrace from './zh-CN/trace.json' with { type: 'json' };

export type Language = 'en' | 'zh-CN';

type Catalog = Readonly<Record<string, string>>;

/**
 * The engine's texts, one file an area, keys written in full (`error.locked` is in
 * `error.json`). The window's own texts are in `renderer/i18n`.
 */
export const catalogs: Readonly<Record<Language, Catalog>> = {
  en: {
    ...enApp,
    ...enError,
    ...enCheck,
    ...enComponent,
    ...enRepair,
    ...enChange,
    ...enSandbox,
    ...enVerify,
    ...enProbe,
    ...enJournal,
    ...enMatrix,
    ...enUpgrade,
    ...enCli,
    ...enProcess,
    ...enTrace,
  },
  'zh-CN': {
    ...zhApp,
    ...zhError,
    ...zhCheck,
    ...zhComponent,
    ...zhRepair,
    ...zhChange,
    ...zhSandbox,
    ...zhVerify,
    ...zhProbe,
    ...zhJournal,
    ...zhMatrix,
    ...zhUpgrade,
    ...zhCli,
    ...zhProcess,
    ...zhTrace,
  },
};
