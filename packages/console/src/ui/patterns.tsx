// Hatchings that bars refer to: what is not for cars differs by texture, not by colour alone.

export const HATCH = 'url(#hatch)';
export const RESERVE_HATCH = 'url(#hatch-reserve)';

export function Patterns() {
  return (
    <svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false">
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="hatch-ground" width="5" height="5" />
          <rect class="hatch-line" width="2" height="5" />
        </pattern>
        <pattern
          id="hatch-reserve"
          width="4"
          height="4"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(-45)"
        >
          <rect class="hatch-reserve-line" width="1" height="4" />
        </pattern>
      </defs>
    </svg>
  );
}
