// Keeps the page fresh. What the daemon tells is text and is written as text: nothing here makes HTML of it.
"use strict";

const MOST_ROWS = 200;
const MOST_OUTPUT = 512 * 1024; // characters
const LOOK_EVERY = 1000; // milliseconds between two looks at the tables, at least

const { stream, look } = document.body.dataset;
const live = document.querySelector("[data-live]");
const output = document.querySelector("[data-output]");

function body(table) {
  return document.querySelector(`[data-table="${table}"] tbody`);
}

function fill(row, values) {
  for (const cell of row.querySelectorAll("[data-text]")) {
    cell.textContent = values[cell.dataset.text];
  }
  for (const field of row.querySelectorAll("[data-value]")) {
    field.value = values[field.dataset.value];
  }
  for (const link of row.querySelectorAll("[data-link]")) {
    const { before, behind } = link.dataset;
    link.href = before + encodeURIComponent(values[link.dataset.link]) + behind;
  }
  return row;
}

function blank(table) {
  const template = document.querySelector(`[data-row="${table}"]`);
  return template.content.querySelector("tr").cloneNode(true);
}

// Tables of what there is: a row that stays keeps its place, and what somebody has chosen in it.
function show(table, rows) {
  const there = body(table);
  rows.forEach((values, place) => fill(there.rows[place] ?? there.appendChild(blank(table)), values));
  while (there.rows.length > rows.length) {
    there.lastElementChild.remove();
  }
}

// Tables of what happens: the newest on top; what is known already is told anew.
const known = { calls: new Map(), events: new Map() };

function add(table, rows) {
  const there = body(table);
  for (const values of rows) {
    const row = known[table].get(values.key) ?? blank(table);
    if (!known[table].has(values.key)) {
      known[table].set(values.key, row);
      there.prepend(row);
    }
    fill(row, values);
  }
  for (const [key, row] of known[table]) {
    if (known[table].size <= MOST_ROWS) {
      break;
    }
    known[table].delete(key);
    row.remove();
  }
}

function clear() {
  for (const table of Object.keys(known)) {
    known[table].clear();
    body(table)?.replaceChildren();
  }
  output?.replaceChildren();
}

function write(text) {
  const follows = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 40;
  output.append(text); // a string becomes a text node
  let length = output.textContent.length;
  while (length > MOST_OUTPUT && output.childNodes.length > 1) {
    length -= output.firstChild.length;
    output.firstChild.remove();
  }
  if (follows) {
    window.scrollTo(0, document.documentElement.scrollHeight);
  }
}

let due = false;

async function refresh() {
  if (due || !look) {
    return;
  }
  due = true;
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  due = false;
  const answer = await fetch(look).catch(() => null);
  if (!answer?.ok) {
    return;
  }
  const { about, ...tables } = await answer.json();
  for (const place of document.querySelectorAll("[data-about]")) {
    place.textContent = about[place.dataset.about];
  }
  Object.entries(tables).forEach(([table, rows]) => show(table, rows));
}

const source = new EventSource(stream);
source.addEventListener("open", () => (live.textContent = "live"));
source.addEventListener("error", () => (live.textContent = "not live: the daemon does not answer"));
source.addEventListener("begin", () => (clear(), refresh()));
source.addEventListener("call", ({ data }) => (add("calls", JSON.parse(data)), refresh()));
source.addEventListener("event", ({ data }) => (add("events", JSON.parse(data)), refresh()));
source.addEventListener("output", ({ data }) => JSON.parse(data).forEach(write));
