/** The screen the widget lives on: phone or desktop, and the part of it that the keyboard leaves. */

const PHONE = window.matchMedia("(max-width: 520px), (max-height: 460px) and (pointer: coarse)");

export function isPhone() {
  return PHONE.matches;
}

/**
 * Keep `--screen-top` and `--screen-height` of the host at the visible part of the page, and hold the page behind a
 * full-screen panel still. Browsers that shrink the visual viewport for the keyboard leave `dvh` as it was.
 */
export function followScreen(host, isOpen) {
  const viewport = window.visualViewport;
  const measure = () => {
    if (viewport && viewport.scale === 1) {
      host.style.setProperty("--screen-top", `${viewport.offsetTop}px`);
      host.style.setProperty("--screen-height", `${viewport.height}px`);
    }
    document.documentElement.style.overflow = isOpen() && isPhone() ? "hidden" : "";
  };
  viewport?.addEventListener("resize", measure);
  viewport?.addEventListener("scroll", measure);
  PHONE.addEventListener("change", measure);
  host.addEventListener("frontdesk:open", measure);
  host.addEventListener("frontdesk:close", measure);
  measure();
}

/** What the server learns of the page, cut to what it accepts; an address's query may carry secrets and stays here. */
export function pageDescription() {
  return {
    url: (window.location.origin + window.location.pathname).slice(0, 2_000).toWellFormed(),
    title: document.title.slice(0, 300).toWellFormed(),
    language: navigator.language,
    device: deviceName(),
  };
}

/** The page's language; where it names no region ("en"), the reader's own decides how dates look. */
export function pageLanguage() {
  const language = document.documentElement.lang || navigator.language;
  return navigator.language.startsWith(`${language}-`) ? navigator.language : language;
}

function deviceName() {
  if (!window.matchMedia("(pointer: coarse)").matches) return "desktop";
  return Math.min(window.screen.width, window.screen.height) < 600 ? "phone" : "tablet";
}
