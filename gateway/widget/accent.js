/**
 * A shop names one colour; readable companions follow from it for light and dark surroundings.
 *
 * Contrast is WCAG 2's ratio of relative luminances (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
 */

const BLACK = [18, 24, 21];
const WHITE = [255, 255, 255];
const LIGHT_SURFACE = [251, 250, 247];
const DARK_SURFACE = [39, 46, 42];
/** AA asks for 4.5; the rest is for the tinted surfaces that the same ink is used on. */
const READABLE = 5.5;
const READABLE_ON_DARK = 7;
const VISIBLE = 1.8;

/** CSS custom properties for an accent, or null when the browser cannot read the colour. */
export function accentProperties(color) {
  const accent = channels(color);
  if (!accent) return null;
  const brighter = [tintOf(accent), WHITE];
  const darkFill = mixedUntil(accent, brighter, (mixed) => contrast(mixed, DARK_SURFACE) >= VISIBLE);
  return {
    "--accent-light": css(accent),
    "--accent-dark": css(darkFill),
    "--on-accent-light": css(readableOn(accent)),
    "--on-accent-dark": css(readableOn(darkFill)),
    "--accent-ink-light": css(mixedUntil(accent, [BLACK], (mixed) => contrast(mixed, LIGHT_SURFACE) >= READABLE)),
    "--accent-ink-dark": css(mixedUntil(accent, brighter, (mixed) => contrast(mixed, DARK_SURFACE) >= READABLE_ON_DARK)),
  };
}

/** One painted pixel reads every notation the browser knows. */
function channels(color) {
  if (!CSS.supports("color", color)) return null;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function readableOn(color) {
  return contrast(color, WHITE) >= contrast(color, BLACK) ? WHITE : BLACK;
}

/** A bright colour of the same hue: mixed with plain white, a deep green would turn grey before it is readable. */
function tintOf(color) {
  const strongest = Math.max(...color, 1);
  return mix(color.map((channel) => (channel * 255) / strongest), WHITE, 0.35);
}

/** The first colour that is enough on the way from `color` through each of `stations`. */
function mixedUntil(color, stations, enough) {
  let from = color;
  for (const station of stations) {
    for (let share = 0; share <= 1; share += 0.04) {
      const mixed = mix(from, station, share);
      if (enough(mixed)) return mixed;
    }
    from = station;
  }
  return from;
}

function mix(one, other, share) {
  return one.map((channel, index) => Math.round(channel + (other[index] - channel) * share));
}

function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color) {
  const [red, green, blue] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function css(color) {
  return `rgb(${color.join(" ")})`;
}
