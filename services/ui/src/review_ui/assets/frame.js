/* The part of the frame that runs in the browser: the title of the page that is shown. */
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  frame: {
    setTitle(title) {
      document.title = title;
    },
  },
});
