export interface ElectronRuntime {
  readonly directory: string;
  readonly executable: string;
  readonly version: string;
  readonly kind: 'override' | 'pinned' | 'development';
}

export function resolveRuntime(options?: {
  readonly warn?: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
}): Promise<ElectronRuntime>;

export function developmentRuntime(cache: string): Promise<ElectronRuntime>;

export function cacheDirectory(environment?: NodeJS.ProcessEnv): string;
