/**
 * Photos on their way: previews above the composer with progress, and what went wrong in the server's words. A photo
 * that arrived comes back as a message of the transcript, and its preview goes.
 */

import { element, spoken } from "./dom.js";
import { icon } from "./icons.js";
import { newId } from "./session.js";

const TAKEN = 201;
/** What trying again cannot mend. */
const REFUSED = new Set([409, 413, 415]);

export class Photos {
  node = element("ul", { class: "photos", hidden: true });
  #strings;
  #address;
  #memory;
  #loaded = new Map();

  constructor({ server, memory, strings }) {
    this.#strings = strings;
    this.#memory = memory;
    this.#address = new URL("api/chat/photos", server);
    this.node.setAttribute("aria-label", strings.photosUnderWay);
  }

  /** Begin to send each of these files. */
  add(files) {
    for (const file of files) this.#add(file);
  }

  /** A photo of this conversation as a data address, which strict content policies let through. */
  load(id) {
    if (!this.#loaded.has(id)) this.#loaded.set(id, this.#fetched(id));
    return this.#loaded.get(id);
  }

  async #fetched(id) {
    try {
      const answer = await fetch(`${this.#address}/${encodeURIComponent(id)}`, { headers: this.#proof() });
      if (!answer.ok) throw new Error(`photo: ${answer.status}`);
      return await dataAddress(await answer.blob());
    } catch (error) {
      // The next one to ask tries again.
      this.#loaded.delete(id);
      throw error;
    }
  }

  #add(file) {
    const picture = element("img", { alt: file.name, onerror: () => picture.remove() });
    const progress = element("progress", { max: "1", value: "0", "aria-label": this.#strings.photoSending(file.name) });
    const below = element("div", { class: "photo-below", role: "status" }, progress);
    const row = element("li", {}, picture, below);
    const upload = { id: newId(), file, row, below, progress, request: null };
    const onclick = () => this.#remove(upload);
    row.append(element("button", { type: "button", class: "photo-remove", "aria-label": this.#strings.photoRemove(file.name), onclick }, icon("close")));
    this.node.append(row);
    this.node.hidden = false;
    dataAddress(file).then((address) => picture.setAttribute("src", address), () => picture.remove());
    this.#send(upload);
  }

  #send(upload) {
    const request = new XMLHttpRequest();
    upload.request = request;
    upload.below.replaceChildren(upload.progress);
    request.upload.addEventListener("progress", ({ loaded, total }) => (upload.progress.value = total ? loaded / total : 0));
    request.addEventListener("load", () => (request.status === TAKEN ? this.#remove(upload) : this.#failed(upload, request)));
    request.addEventListener("error", () => this.#failed(upload, request));
    request.open("POST", this.#address);
    request.setRequestHeader("Content-Type", upload.file.type || "application/octet-stream");
    request.setRequestHeader("X-Client-Message-Id", upload.id);
    for (const [name, value] of Object.entries(this.#proof())) request.setRequestHeader(name, value);
    request.send(upload.file);
  }

  #failed(upload, request) {
    const onclick = () => this.#send(upload);
    const again = REFUSED.has(request.status) ? null : element("button", { type: "button", onclick }, this.#strings.retry);
    upload.below.replaceChildren(spoken(`${upload.file.name}: `), element("span", { class: "photo-failed" }, told(request) ?? this.#strings.failed), again ?? "");
  }

  #remove(upload) {
    // Aborting a request that is done does nothing.
    upload.request?.abort();
    upload.row.remove();
    this.node.hidden = this.node.childElementCount === 0;
  }

  #proof() {
    return { Authorization: `Bearer ${this.#memory.token ?? ""}` };
  }
}

function told(request) {
  try {
    return JSON.parse(request.responseText).error.text;
  } catch {
    return null;
  }
}

function dataAddress(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}
