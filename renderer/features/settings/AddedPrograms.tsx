import { useApp, useDevmend, useSpeech } from '../../state/window.tsx';
import { Button } from '../../ui/Button.tsx';
import { shortPath } from '../../ui/format.ts';
import { AddProgram } from './AddProgram.tsx';

/** Programs that the person wants to be checked too. */
export function AddedPrograms() {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const programs = useApp((state) => state.settings?.programs);
  const home = useApp((state) => state.info?.home ?? null);
  return (
    <>
      {programs === undefined || programs.length === 0 ? (
        <p className="muted">{text('programs.none')}</p>
      ) : (
        <ul className="plain panel">
          {programs.map((path) => (
            <li key={path} className="passed">
              <span className="mono grow">{shortPath(path, home)}</span>
              <Button
                look="quiet"
                small
                label={text('programs.remove.label', { path })}
                onPress={() => void app.removeProgram(path)}
              >
                {text('programs.remove')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <AddProgram />
    </>
  );
}
