export const APPLICATION_ID: string;

/** Lays out what goes into app.asar in `directory`, made anew. */
export function stageApp(directory: string): Promise<void>;

export function assemble(options?: {
  readonly runtime?: { readonly directory: string };
  readonly variant?: 'app' | 'e2e';
}): Promise<{ readonly directory: string; readonly executable: string }>;
