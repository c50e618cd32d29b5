import { Label, Radio, RadioGroup } from 'react-aria-components';
import { settingsSchema, type Settings } from '../../../shared/settings.ts';
import { Screen } from '../../app/Screen.tsx';
import type { TextKey } from '../../i18n/i18n.ts';
import { useApp, useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { Button } from '../../ui/Button.tsx';
import { Heading } from '../../ui/Heading.tsx';
import { AddedPrograms } from './AddedPrograms.tsx';
import { Retention } from './Retention.tsx';

const languages = settingsSchema.shape.language.removeDefault();
const themes = settingsSchema.shape.theme.removeDefault();

/** Languages are named in themselves, so that the way back can be read. */
const languageNames: Readonly<Record<Settings['language'], TextKey>> = {
  system: 'settings.system',
  en: 'settings.language.en',
  'zh-CN': 'settings.language.zhCN',
};
const themeNames: Readonly<Record<Settings['theme'], TextKey>> = {
  system: 'settings.system',
  light: 'settings.theme.light',
  dark: 'settings.theme.dark',
};

/** Language, theme, programs to look at too, findings put away, and about. */
export function SettingsScreen() {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const settings = useApp((state) => state.settings);
  return (
    <Screen
      name="settings"
      header={
        <header className="top">
          <Heading>{text('nav.settings')}</Heading>
        </header>
      }
    >
      <div className="content">
        {settings !== null && (
          <>
            <Choice
              label={text('settings.language')}
              value={settings.language}
              options={languages.options.map((value) => [value, text(languageNames[value])])}
              onChange={(value) => void app.changeSettings({ language: languages.parse(value) })}
            />
            <Choice
              label={text('settings.theme')}
              value={settings.theme}
              options={themes.options.map((value) => [value, text(themeNames[value])])}
              onChange={(value) => void app.changeSettings({ theme: themes.parse(value) })}
            />
          </>
        )}
        <h2>{text('programs.heading')}</h2>
        <p className="muted">{text('programs.text')}</p>
        <AddedPrograms />
        <Retention />
        <Dismissed />
        <About />
      </div>
    </Screen>
  );
}

function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => void;
}) {
  return (
    <RadioGroup
      className="choices inline"
      orientation="horizontal"
      value={props.value}
      onChange={props.onChange}
    >
      <Label className="h2">{props.label}</Label>
      {props.options.map(([value, name]) => (
        <Radio key={value} value={value} className="choice">
          <span className="radio" aria-hidden="true" />
          <span>{name}</span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

function Dismissed() {
  const { app } = useDevmend();
  const { text, say } = useSpeech();
  const dismissed = useApp((state) => state.settings?.dismissed);
  const report = useWizard((state) => state.scan.report);
  const name = (id: string) => {
    const finding = report?.findings.find((item) => item.id === id);
    return finding === undefined ? id : say(finding.title);
  };
  return (
    <>
      <h2>{text('settings.dismissed')}</h2>
      {dismissed === undefined || dismissed.length === 0 ? (
        <p className="muted">{text('settings.dismissed.none')}</p>
      ) : (
        <ul className="plain panel">
          {dismissed.map((id) => (
            <li key={id} className="passed">
              <span className="grow">{name(id)}</span>
              <Button
                look="quiet"
                small
                label={text('dismiss.undo.label', { title: name(id) })}
                onPress={() => void app.dismiss(id, false)}
              >
                {text('dismiss.undo')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function About() {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const info = useApp((state) => state.info);
  if (info === null) return null;
  return (
    <>
      <h2>{text('about.heading')}</h2>
      <p>{text('about.version', { version: info.version })}</p>
      {info.developmentRuntime && <p className="muted">{text('about.developmentRuntime')}</p>}
      <p className="muted">{text(`about.privileged.${info.privilegedRepairs}`)}</p>
      <p className="muted">{text('about.privacy')}</p>
      <div className="actions">
        <Button onPress={() => void app.openLink('documentation')}>
          {text('about.documentation')}
        </Button>
        <Button onPress={() => void app.openLink('report-problem')}>{text('about.report')}</Button>
      </div>
    </>
  );
}
