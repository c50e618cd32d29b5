import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';

export interface ButtonProps {
  readonly children: ReactNode;
  readonly onPress: () => void;
  /** `go`: the one primary action. `danger`: takes something away. `quiet`: a link-like action. */
  readonly look?: 'plain' | 'go' | 'danger' | 'quiet';
  readonly disabled?: boolean;
  readonly small?: boolean;
  /** Only where the words alone do not say what it acts on. */
  readonly label?: string;
  readonly expanded?: boolean;
  /** Takes the focus when it appears: where what had it is gone. */
  readonly autoFocus?: boolean;
}

/** A button. The words name verb and number ("Apply 3 repairs"). */
export function Button(props: ButtonProps) {
  const { look = 'plain', small = false } = props;
  return (
    <AriaButton
      className={`button ${look}${small ? ' small' : ''}`}
      onPress={props.onPress}
      isDisabled={props.disabled ?? false}
      autoFocus={props.autoFocus ?? false}
      {...(props.label === undefined ? {} : { 'aria-label': props.label })}
      {...(props.expanded === undefined ? {} : { 'aria-expanded': props.expanded })}
    >
      {props.children}
    </AriaButton>
  );
}
