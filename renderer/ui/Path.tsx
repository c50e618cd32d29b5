import { Fragment } from 'react';

/** A path (or two), broken after a slash where it has to be broken at all. */
export function Path(props: { readonly children: string }) {
  return props.children.split(/(?<=\/)/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
