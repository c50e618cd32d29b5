/** By name; null: removed in this Electron, undefined: this Electron has no such fuse. */
export function readFuses(executable: string): Promise<Record<string, boolean | null | undefined>>;

export function setFuses(
  executable: string,
  wanted: Readonly<Record<string, boolean>>,
): Promise<void>;
