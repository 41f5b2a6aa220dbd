// Shows what was pushed, and opens the page when somebody taps it. It keeps nothing.
self.addEventListener("push", (event) => {
  const told = event.data.json();
  event.waitUntil(self.registration.showNotification("Helpende handen", { body: told.body, data: told.url }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(clients.openWindow(event.notification.data));
});
