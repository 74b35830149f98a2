/* What the owner's page does in the browser: it decides which reviews are asked for and
 * asks before one is deleted. admin/callbacks.py wires these functions up.
 */
(() => {
  const unchanged = () => window.dash_clientside.no_update;
  const setProps = (id, props) => window.dash_clientside.set_props(id, props);
  const triggered = () => window.dash_clientside.callback_context.triggered_id;

  const NO_FILTERS = { brand: "", text: "", rating: [], since: "", until: "" };

  const emptyFields = () => {
    for (const [name, value] of Object.entries(NO_FILTERS)) {
      setProps(`filter-${name}`, { value });
    }
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    admin: {
      /* The next query. Whatever changes which reviews there are begins at the first page. */
      ask(_submit, _clear, sort, _previous, _next, _deleted, ...state) {
        const [brand, text, rating, since, until, cursors, query] = state;
        const filters = { brand, text, rating, since, until };
        switch (triggered()) {
          case "filters":
            return { ...query, ...filters, brand: (brand || "").trim(), text: text || "", cursor: null };
          case "clear":
            emptyFields();
            return { ...query, ...NO_FILTERS, cursor: null };
          case "sort":
            return sort === query.sort ? unchanged() : { ...query, sort, cursor: null };
          case "previous":
            return { ...query, cursor: cursors.previous };
          case "next":
            return { ...query, cursor: cursors.next };
          case "deleted":
            return { ...query };
          default:
            return unchanged();
        }
      },

      reload(clicks, query) {
        if (clicks) setProps("query", { data: { ...query } });
      },

      askBeforeDeleting(_clicks) {
        const button = triggered();
        const isClick = window.dash_clientside.callback_context.triggered.some(({ value }) => value);
        if (button?.type !== "delete") return [false, unchanged(), unchanged()];
        if (!isClick) return [unchanged(), unchanged(), unchanged()];
        return [true, button.about, { review: button.review }];
      },
    },
  });
})();
