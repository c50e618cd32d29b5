import { useState } from 'react';
import { useSpeech } from '../state/window.tsx';
import { useAnnounce } from './Announcer.tsx';
import { Button } from './Button.tsx';
import { Icon } from './Icon.tsx';

/** Copies a text to the clipboard and says so. `what` names it for screen readers. */
export function CopyButton(props: { readonly text: string; readonly what: string }) {
  const { text } = useSpeech();
  const announce = useAnnounce();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    const done = await writeClipboard(props.text);
    setCopied(done);
    announce(text(done ? 'copy.done' : 'copy.failed'));
  };
  return (
    <Button
      look="quiet"
      small
      label={text('copy.label', { what: props.what })}
      onPress={() => void copy()}
    >
      <Icon name={copied ? 'check' : 'copy'} />
    </Button>
  );
}

/** Puts a text on the clipboard. False where that is not allowed. */
export async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
