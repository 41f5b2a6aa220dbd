// Shows what needs a passkey only where the browser knows them, and says when it did not work.
"use strict";
if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach((one) => { one.hidden = false; });
}
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelectorAll("[data-passkey-failed]").forEach((one) => { one.hidden = false; });
});
