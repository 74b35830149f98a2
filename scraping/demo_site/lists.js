// Builds the lists, which no page holds before this has run. `data-source` of the main element is
// where the entries come from, `data-way` how the list shows more of itself.
"use strict";

const main = document.querySelector("main[data-source]");

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

async function fetched(query) {
  document.body.dataset.ready = "false";
  const answer = await fetch(main.dataset.source + query);
  return answer.json();
}

function ready() {
  if (main.dataset.restless === undefined) document.body.dataset.ready = "true";
  else setInterval(() => fetch("/data/news.json?" + Math.random()), 100);
}

async function categories() {
  for (const category of await fetched("")) {
    const links = category.lists.map((list) =>
      element("li", {}, element("a", { class: "sub-category", href: list.path }, list.name)));
    main.append(element("section", { class: "category" },
      element("h2", {}, category.name), element("ul", {}, ...links)));
  }
  ready();
}

function card(company) {
  return element("article", { class: "company-card" },
    element("img", { src: `/assets/logo/${company.slug}.png`, alt: "", width: 48, height: 48 }),
    element("a", { class: "company-link", href: `/review/${company.slug}` },
      element("h3", {}, company.name)));
}

// Appends a page of companies and says whether more pages follow.
async function append(page) {
  const list = await fetched(`?page=${page}`);
  main.append(...list.companies.map(card));
  return page < list.pages;
}

async function pages() {
  const page = Number(new URLSearchParams(location.search).get("page") || 1);
  const more = await append(page);
  if (more) main.after(element("a", { rel: "next", href: `?page=${page + 1}` }, "Next page"));
  ready();
}

async function button() {
  let page = 1;
  const more = element("button", { class: "load-more", type: "button" }, "Show more");
  if (await append(page)) main.after(more);
  more.addEventListener("click", async () => {
    more.disabled = true;
    page += 1;
    if (!await append(page)) more.remove();
    more.disabled = false;
    ready();
  });
  ready();
}

async function scroll() {
  let page = 1;
  let loading = false;
  const end = () => main.after(element("div", { id: "end" }, "That is all."));
  const bottom = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 40;
  addEventListener("scroll", async () => {
    if (loading || !bottom() || document.getElementById("end")) return;
    loading = true;
    page += 1;
    if (!await append(page)) end();
    loading = false;
    ready();
  });
  if (!await append(page)) end();
  ready();
}

if (main) ({ categories, pages, button, scroll })[main.dataset.way]();
