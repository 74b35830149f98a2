/* What the owner's pages do in the browser beside the reviews; admin/actions.py and
 * admin/jobs/run_page.py wire it up.
 */
(() => {
  const NEAR_PIXELS = 30; // So near to a log's end, a reader wants to see what comes next.
  const FADED_MS = 500; // By then a dialog is gone, and has given back the focus.

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    owner: {
      closeDialog(clicks) {
        if (clicks) window.dash_clientside.set_props("dialog", { is_open: false });
      },

      /* Where the button that was pressed is gone, the focus goes to what was said of it. */
      focusMessage(message) {
        if (!message) return;
        setTimeout(() => {
          const isLost = document.activeElement === document.body;
          if (isLost) document.getElementById("admin-message")?.focus();
        }, FADED_MS);
      },

      /* Keep a log's end in sight, unless its reader has scrolled back. */
      followLog() {
        requestAnimationFrame(() => {
          const log = document.getElementById("run-log");
          if (!log) return;
          const before = Number(log.dataset.height || 0);
          if (log.scrollTop + log.clientHeight >= before - NEAR_PIXELS) {
            log.scrollTop = log.scrollHeight;
          }
          log.dataset.height = log.scrollHeight;
        });
      },
    },
  });
})();
