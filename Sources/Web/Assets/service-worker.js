// Shows pages that come as push messages, and answers them without a page being open.
"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([self.clients.claim(), catchUp().catch(() => {})])));

const read = (event) => {
  try { return event.data.json(); } catch { return { title: "Nightbell", body: "Open Nightbell to see what happened.", tag: "nightbell" }; }
};
// What this browser is subscribed as, kept for the day on which the browser changes it: then the old one proves who asks.
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const facts = (one) => ({ endpoint: one.endpoint, p256dh: encode(one.getKey("p256dh")), auth: encode(one.getKey("auth")), key: encode(one.options.applicationServerKey) });
const keep = async (kept) => (await caches.open("push")).put("/push/kept", new Response(JSON.stringify(kept)));
const kept = async () => { const found = await (await caches.open("push")).match("/push/kept"); return found ? found.json() : null; };
// Tells the server; what is kept stays as it was until the server knows, so that the next occasion tries again.
const tell = async (old, now) => {
  const body = new URLSearchParams({ oldEndpoint: old.endpoint, oldAuth: old.auth, endpoint: now.endpoint, p256dh: now.p256dh, auth: now.auth });
  const answer = await fetch("/push/changed", { method: "POST", body });
  if (answer.ok || answer.status === 404) await keep(now);
};
const catchUp = async () => {
  const one = await self.registration.pushManager.getSubscription();
  if (!one) return;
  const [old, now] = [await kept(), facts(one)];
  await (old && old.endpoint !== now.endpoint ? tell(old, now) : keep(now));
};
const move = async (event) => {
  const old = await kept() || (event.oldSubscription && facts(event.oldSubscription));
  if (!old) return;
  const fresh = event.newSubscription || await self.registration.pushManager.getSubscription()
    || await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: old.key });
  if (fresh.endpoint !== old.endpoint) await tell(old, facts(fresh));
};
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(move(event)));

self.addEventListener("push", (event) => {
  const page = read(event);
  const actions = page.answer ? [{ action: "accept", title: "Accept" }] : [];
  if (page.answer && page.mayResolve) actions.push({ action: "resolve", title: "Resolve" });
  // A page is shown whatever becomes of what is kept.
  event.waitUntil(catchUp().catch(() => {}));
  event.waitUntil(self.registration.showNotification(page.title, {
    body: page.body, tag: page.tag, renotify: true, requireInteraction: Boolean(page.isUrgent), actions, data: page,
    icon: "/icon.svg", badge: "/icon.svg", vibrate: page.isUrgent ? [400, 150, 400, 150, 400] : [200],
  }));
});

const answer = async (page, action) => {
  const response = await fetch(page.answer, {
    method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: "do=" + action,
  });
  const said = action === "accept" ? "Accepted" : "Resolved";
  const text = response.ok ? said : response.status === 409 ? "Somebody was first" : "Not answered: open Nightbell";
  await self.registration.showNotification(text, { body: page.title, tag: page.tag, data: { open: page.open }, icon: "/icon.svg" });
};
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const page = event.notification.data || {};
  const isAnswer = page.answer && (event.action === "accept" || event.action === "resolve");
  event.waitUntil(isAnswer
    ? answer(page, event.action).catch(() => self.clients.openWindow(page.answer))
    : self.clients.openWindow(page.answer || page.open || "/alerts"));
});
