// Runs before any script of a page: counts the requests by which its scripts get data, so that
// `show_all.js` can tell whether more is on its way.
(() => {
  let open = 0;
  const end = () => { open -= 1; };

  const fetch = window.fetch;
  window.fetch = function (...request) {
    open += 1;
    const answer = fetch.apply(this, request);
    answer.then(end, end);
    return answer;
  };

  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...body) {
    open += 1;
    this.addEventListener("loadend", end, { once: true });
    return send.apply(this, body);
  };

  window[Symbol.for("open requests")] = () => open;
})();
