import type { ReactNode } from 'react';

/** The bar below: what is true now, secondary actions, one primary action. */
export function ActionBar(props: { readonly status: ReactNode; readonly children?: ReactNode }) {
  return (
    <footer className="bar">
      <span className="grow">{props.status}</span>
      {props.children}
    </footer>
  );
}
