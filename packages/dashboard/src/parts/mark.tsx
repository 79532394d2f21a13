/** The curlew. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <circle cx="8.2" cy="8" r="5.7" fill="currentColor" />
      <path
        d="M12.5 5.6c4.7 1 8.1 5.6 9.1 14.4"
        stroke="currentColor"
        strokeWidth="2.3"
        strokeLinecap="round"
      />
      <path
        d="M3.2 12.8c.1 3.4 1.6 6 4.4 7.8"
        stroke="currentColor"
        strokeWidth="2.3"
        strokeLinecap="round"
        opacity=".45"
      />
      <circle cx="9.6" cy="7" r="1.15" fill="var(--bg)" />
    </svg>
  );
}
