import { useEffect, useRef, type ReactNode } from 'react';
import { useApp } from '../state/window.tsx';
import { Banners } from './Banners.tsx';
import { StepsBar } from './StepsBar.tsx';

/**
 * The frame of every screen: steps (or its own header) on top, notices, the
 * content, then whatever lies below it (terminal drawer, action bar). When it
 * appears, and when `stage` changes, its heading takes the focus, so that the
 * keyboard and the screen reader are where the eye is.
 */
export function Screen(props: {
  readonly name: string;
  readonly stage?: string;
  readonly header?: ReactNode;
  readonly children: ReactNode;
  readonly below?: ReactNode;
}) {
  const main = useRef<HTMLElement>(null);
  const wizard = useApp((state) => state.route === 'repair');
  useEffect(() => {
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, [props.name, props.stage]);
  return (
    <main ref={main} data-screen={props.name}>
      {props.header ?? (wizard && <StepsBar />)}
      <Banners />
      {props.children}
      {props.below}
    </main>
  );
}
