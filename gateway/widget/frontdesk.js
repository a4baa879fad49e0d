/**
 * Frontdesk's chat widget: the one script a shop puts on its pages.
 *
 *   <script src="https://support.example/widget/frontdesk.js" defer data-accent="#2f5d50"></script>
 *
 * It runs as a classic or as a module script, so it has no static imports: the real code is imported from the folder
 * this file came from, and that folder's origin is the server the widget talks to.
 */
(() => {
  const tag = document.currentScript ?? document.querySelector('script[src*="/widget/frontdesk.js"]');
  if (!tag || customElements.get("frontdesk-chat") || window.frontdeskLoading) return;
  window.frontdeskLoading = true;

  const place = async () => {
    const { FrontdeskChat } = await import(new URL("element.js", tag.src).href);
    customElements.define("frontdesk-chat", FrontdeskChat);
    const chat = document.querySelector("frontdesk-chat") ?? document.createElement("frontdesk-chat");
    chat.start({ server: new URL("..", tag.src), ...tag.dataset });
    if (!chat.isConnected) document.body.append(chat);
  };

  if (document.body) place();
  else document.addEventListener("DOMContentLoaded", place, { once: true });
})();
