import { useState } from 'react';
import { useApp, useDevmend, useSpeech } from '../../state/window.tsx';
import { Button } from '../../ui/Button.tsx';
import { shortPath } from '../../ui/format.ts';

/** Opens the desktop's file dialog, and says what to do once a program has been added. */
export function AddProgram(props: { readonly quiet?: boolean }) {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  const [added, setAdded] = useState<string | null>(null);
  const add = async () => setAdded(await app.addProgram());
  return (
    <>
      <Button look={props.quiet === true ? 'quiet' : 'plain'} onPress={() => void add()}>
        {text('program.add')}
      </Button>
      {added !== null && (
        <span className="muted program-added" role="status">
          {text('program.added', { path: shortPath(added, home) })}
        </span>
      )}
    </>
  );
}
