/** Photos: on their way above the composer, and in the transcript. */

export const photos = `
.photos { display: flex; flex-direction: column; gap: 8px; margin: 0; padding: 10px 14px; list-style: none; max-height: 168px; overflow-y: auto; }
.photos[hidden] { display: none; }
.photos li { display: flex; align-items: center; gap: 10px; font-size: 13px; }
.photos img { flex: none; width: 48px; height: 48px; object-fit: cover; border-radius: 10px; border: 1px solid var(--line); }
.photo-below { flex: 1; min-width: 0; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 10px; }
.photo-below progress { width: 100%; height: 6px; accent-color: var(--accent); }
.photo-below button { color: var(--accent-ink); font-weight: 600; text-decoration: underline; min-height: 32px; }
.photo-failed { color: var(--bad); }
.photo-remove { display: grid; place-items: center; flex: none; width: 36px; height: 36px; border-radius: 50%; color: var(--ink-quiet); }
.add-photo { display: grid; place-items: center; flex: none; width: 36px; height: 36px; border-radius: 50%; color: var(--ink-quiet); font-size: 18px; }
.add-photo:hover { background: var(--bubble); color: var(--ink); }
.photo { margin: 6px 0 0; max-width: 240px; }
.photo img { display: block; width: 100%; height: auto; max-height: 320px; object-fit: cover; border-radius: 14px; border: 1px solid var(--line); background: var(--bubble); }
.from-customer .photo { justify-self: end; margin-left: auto; }
`;
