import type { ReactNode } from 'react';

/** The heading of a screen; takes the focus when its screen appears (see `app/Screen.tsx`). */
export function Heading(props: { readonly children: ReactNode }) {
  return <h1 tabIndex={-1}>{props.children}</h1>;
}
