/** Severity is a shape of its own, never colour alone: octagon, triangle, dashed ring, circle. */
const severityIcons = {
  problem: (
    <>
      <path className="icon-error" d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
      <path className="icon-mark" d="M5.3 5.3l5.4 5.4m0-5.4l-5.4 5.4" />
    </>
  ),
  warning: (
    <>
      <path className="icon-warn" d="M8 1.2l7.3 13H.7z" />
      <path className="icon-mark" d="M8 6v4m0 1.6v1" />
    </>
  ),
  info: (
    <>
      <circle className="icon-accent" cx="8" cy="8" r="7" />
      <path className="icon-mark" d="M8 7v5m0-8v1.4" />
    </>
  ),
  ok: (
    <>
      <circle className="icon-ok" cx="8" cy="8" r="7" />
      <path className="icon-mark" d="M4.6 8.2l2.3 2.3 4.5-4.8" />
    </>
  ),
  unknown: <circle className="icon-dashed" cx="8" cy="8" r="6.3" />,
  undone: (
    <>
      <circle className="icon-outline" cx="8" cy="8" r="6.3" />
      <path className="icon-outline" d="M10.8 10.2a3 3 0 10-4.9-2.7M5.6 5v2.6h2.6" />
    </>
  ),
} as const;

const lineIcons = {
  wrench: (
    <path d="M10 2a4 4 0 00-3.6 5.6L2 12l2 2 4.4-4.4A4 4 0 0014 6l-2.2 2.2-2-2L12 4a4 4 0 00-2-2z" />
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 4.5V8l2.5 1.7" />
    </>
  ),
  chip: (
    <>
      <rect x="4" y="4" width="8" height="8" rx="1.5" />
      <path d="M6 1.5v2M10 1.5v2M6 12.5v2M10 12.5v2M1.5 6h2M1.5 10h2M12.5 6h2M12.5 10h2" />
    </>
  ),
  sliders: (
    <>
      <path d="M2 4.5h8m3 0h1M2 11.5h1m3 0h8" />
      <circle cx="11.5" cy="4.5" r="1.8" />
      <circle cx="4.5" cy="11.5" r="1.8" />
    </>
  ),
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M3.5 10.5h-1v-8h8v1" />
    </>
  ),
  check: <path d="M3.5 8.5l3 3 6-7" />,
  cross: <path d="M4 4l8 8m0-8l-8 8" />,
  chevron: <path d="M6 3.5L10.5 8 6 12.5" />,
} as const;

export type SeverityIcon = keyof typeof severityIcons;
export type LineIcon = keyof typeof lineIcons;

/** A decorative picture; the word beside it carries the meaning for screen readers. */
export function Icon(props: { readonly name: SeverityIcon | LineIcon }) {
  const { name } = props;
  const filled = name in severityIcons;
  return (
    <svg className={filled ? 'icon' : 'icon icon-line'} viewBox="0 0 16 16" aria-hidden="true">
      {filled ? severityIcons[name as SeverityIcon] : lineIcons[name as LineIcon]}
    </svg>
  );
}

/** Two seams of denim joined by a copper stitch. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 24 24" aria-hidden="true">
      <rect className="icon-accent" x="2.5" y="2.5" width="19" height="19" rx="5" />
      <path className="logo-seam" d="M8 6.5v11M16 6.5v11" />
      <path className="logo-stitch" d="M6 9.5h4M6 14.5h4M14 9.5h4M14 14.5h4M10 12h4" />
    </svg>
  );
}
