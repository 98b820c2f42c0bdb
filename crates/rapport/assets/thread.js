// Selected words of a message become the words of the evidence form, and a draft is copied. Both also work by hand.
"use strict";
(() => {
  const form = document.getElementById("mark");
  if (form) {
    document.addEventListener("selectionchange", () => {
      const chosen = document.getSelection();
      if (!chosen || chosen.isCollapsed) return;
      const inside = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest(".said .text");
      const text = inside(chosen.anchorNode);
      if (!text || text !== inside(chosen.focusNode)) return;
      form.elements.words.value = chosen.toString().trim();
      form.closest("details").open = true;
      const number = text.closest(".said").dataset.message;
      if (number) form.elements.message.value = number;
    });
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const draft = document.getElementById("draft");
    try { await navigator.clipboard.writeText(draft.value); button.textContent = draft.dataset.copied; }
    catch { draft.select(); }
  });
})();
