import { lazy, useState, type ComponentType } from 'react';

/** A part of the window whose code is fetched when it is first shown, or ahead of that. */
export interface OnDemand {
  readonly View: ComponentType;
  /** Fetches the code, so that showing the part later takes no time. */
  readonly preload: () => Promise<unknown>;
}

/**
 * Keeps a screen out of what the window starts with. Once its code is there it is
 * drawn at once: React's `lazy` alone would show nothing for a moment each time.
 */
export function onDemand(load: () => Promise<ComponentType>): OnDemand {
  let loaded: ComponentType | null = null;
  const preload = async () => {
    loaded ??= await load();
    return loaded;
  };
  const Later = lazy(async () => ({ default: await preload() }));
  function View() {
    const [Shown] = useState(() => loaded ?? Later);
    return <Shown />;
  }
  return { View, preload };
}

/** Fetches parts one after the other while the window has nothing else to do. */
export function preloadWhenIdle(parts: readonly OnDemand[]): () => void {
  let next = 0;
  let handle = 0;
  const one = () => {
    const part = parts[next];
    next += 1;
    if (part === undefined) return;
    void part.preload().then(() => {
      handle = requestIdleCallback(one);
    });
  };
  handle = requestIdleCallback(one);
  return () => {
    next = parts.length;
    cancelIdleCallback(handle);
  };
}
