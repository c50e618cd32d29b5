export const fuses: Readonly<Record<string, boolean>>;
export const endToEndFuses: Readonly<Record<string, boolean>>;
