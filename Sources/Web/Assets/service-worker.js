// Shows pages that come as push messages, and answers them without a page being open.
"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const read = (event) => {
  try { return event.data.json(); } catch { return { title: "Nightbell", body: "Open Nightbell to see what happened.", tag: "nightbell" }; }
};
self.addEventListener("push", (event) => {
  const page = read(event);
  const actions = page.answer ? [{ action: "accept", title: "Accept" }] : [];
  if (page.answer && page.mayResolve) actions.push({ action: "resolve", title: "Resolve" });
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
