// Runs in a page: waits until it is ready, presses its button and scrolls down until nothing more
// comes, and returns what it then holds. A page that does not settle is taken as it is, after
// `patience` milliseconds. All is done by one call, since every call from outside takes longer
// than most steps here.
async ({ ready, next, button, scroll, patience, quiet }) => {
  const POLL = 15;
  const open = window[Symbol.for("open requests")] ?? (() => 0);
  const size = () => document.getElementsByTagName("*").length;
  const pause = () => new Promise((resume) => setTimeout(resume, POLL));

  async function wait(condition) {
    const limit = performance.now() + patience;
    while (!condition() && performance.now() < limit) await pause();
  }

  // Says whether the page has more in it than before; when nothing is on its way, it has not.
  async function grows(before) {
    let calm = performance.now();
    const limit = calm + patience;
    while (size() <= before && performance.now() < limit) {
      if (open() > 0) calm = performance.now();
      if (performance.now() - calm > quiet) return false;
      await pause();
    }
    return size() > before;
  }

  // Returns whether anything came.
  async function bringMore(most, ask) {
    for (let times = 0; times < most; times += 1) {
      const before = size();
      if (!ask() || !await grows(before)) return times > 0;
    }
    return true;
  }

  function press() {
    const found = document.querySelector(button.selector);
    if (!found || found.disabled || !found.getClientRects().length) return false;
    found.click();
    return true;
  }

  function scrollDown() {
    if (scroll.end && document.querySelector(scroll.end)) return false;
    window.scrollTo(0, document.documentElement.scrollHeight);
    // Where all fits the window nothing moves, and only this tells the page.
    window.dispatchEvent(new Event("scroll"));
    return true;
  }

  if (ready) await wait(() => document.querySelector(ready));
  // A list has one way of showing more: where another is seen, scrolling need not be tried.
  const pressed = button && await bringMore(button.most, press);
  const paged = next && document.querySelector("[rel~=next]");
  if (scroll && !pressed && !paged) await bringMore(scroll.most, scrollDown);
  return document.documentElement.outerHTML;
}
