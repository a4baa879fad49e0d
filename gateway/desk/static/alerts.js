// Getting the agent's attention: title, toast, and on request a bell and desktop notifications.

import { showAlerts } from "./dialogs.js";
import { reasonText } from "./parts.js";
import { toast } from "./toasts.js";
import { fill, texts } from "./texts.js";

const SETTINGS = "frontdesk-alerts";

function settings() {
  try {
    return { sound: false, system: false, ...JSON.parse(localStorage.getItem(SETTINGS)) };
  } catch {
    return { sound: false, system: false };
  }
}

async function setAlert(name, on) {
  if (name === "system" && on && (await Notification.requestPermission()) !== "granted") return false;
  localStorage.setItem(SETTINGS, JSON.stringify({ ...settings(), [name]: on }));
  if (name === "sound" && on) ring();
  return on;
}

export function openAlerts() {
  showAlerts(settings(), { denied: globalThis.Notification?.permission === "denied", onChange: setAlert });
}

/** Two soft strokes of a bell, made here: no sound file to load. */
function ring() {
  const audio = new AudioContext();
  [880, 1174.7].forEach((pitch, position) => {
    const begin = audio.currentTime + position * 0.16;
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const loudness = new GainNode(audio, { gain: 0 });
    loudness.gain.setValueAtTime(0.0001, begin);
    loudness.gain.exponentialRampToValueAtTime(0.12, begin + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.9);
    tone.connect(loudness).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 1);
  });
  setTimeout(() => audio.close(), 1500);
}

/** Somebody needs a person. `open` shows the conversation. */
export function alertIncoming(item, open) {
  const sentence = fill(texts.alerts.incoming, { name: item.customer_name, reason: reasonText(item).toLowerCase() });
  toast(sentence, { tone: "new", about: item.id, deed: { label: texts.alerts.open, run: open } });
  const { sound, system } = settings();
  if (sound) ring();
  if (!system || !document.hidden || globalThis.Notification?.permission !== "granted") return;
  const notification = new Notification(sentence, { tag: item.id });
  notification.addEventListener("click", () => {
    window.focus();
    notification.close();
    open();
  });
}

/** The number of people who wait for this agent, in the tab's title. */
export function showCount(count) {
  document.title = count > 0 ? `(${count}) ${texts.title}` : texts.title;
}
