// The dashboard: asks localcloud's status each second and shows it. Everything is set as text, never as HTML.
"use strict";

const STATUS = "/_localcloud/status";
const PERIOD_MS = 1000;
const LOG_LINES = 1000;
const SETTLED_SECONDS = 5; // over how many seconds the rates of "now" are taken
const SERIES = [
  { key: "messagesReceived", name: "messages received", style: "received" },
  { key: "messagesSent", name: "messages sent", style: "sent" },
  { key: "httpRequests", name: "HTTP requests", style: "requests" },
];

const $ = (id) => document.getElementById(id);

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function drawing(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text; // what does not change stays selected
}

// Numbers and times, as people read them.

function rate(value) {
  return value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1);
}

function count(value) {
  return value.toLocaleString("en");
}

function milliseconds(value) {
  if (value === null) return "–";
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} ms`;
}

function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function clock(at, options = {}) {
  return new Date(at).toLocaleTimeString("en-GB", options);
}

// Lists and tables, changed in place.

/** Show [term, description, unit] triples in a <dl>. */
function showTerms(list, terms) {
  while (list.children.length > terms.length) list.lastChild.remove();
  terms.forEach(([term, text, unit = ""], index) => {
    const group = list.children[index] ?? list.appendChild(element("div", "", element("dt"), element("dd")));
    const [name, value] = group.children;
    setText(name, term);
    if (value.textContent !== text + unit) value.replaceChildren(text, ...(unit ? [element("small", "", unit)] : []));
  });
}

/** Show rows of [text, class] cells in a table, or what the table's section says of an empty one. */
function showRows(id, rows) {
  const table = $(id);
  const body = table.tBodies[0];
  while (body.rows.length > rows.length) body.lastChild.remove();
  rows.forEach((cells, index) => {
    const row = body.rows[index] ?? body.insertRow();
    cells.forEach(([text, className], column) => {
      const cell = row.cells[column] ?? row.insertCell();
      setText(cell, text);
      cell.className = className ?? "";
    });
  });
  table.hidden = rows.length === 0;
  const empty = table.closest("section").querySelector(".empty");
  if (empty) empty.hidden = rows.length > 0;
}

// Plots.

const MARGIN = { left: 40, right: 8, top: 8, bottom: 22 };

function frame(svg) {
  const { width, height } = svg.getBoundingClientRect();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return { width, height, right: width - MARGIN.right, bottom: height - MARGIN.bottom };
}

/** The next of 1, 2, 3, 4, 5, 6, 8, 10, 20, ... that is not below a value. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= value);
}

function horizontalGrid(box, top) {
  return [0, 0.5, 1].flatMap((share) => {
    const y = box.bottom - share * (box.bottom - MARGIN.top);
    const label = drawing("text", { x: MARGIN.left - 6, y: y + 4, "text-anchor": "end" }, count(top * share));
    return [drawing("line", { class: "grid", x1: MARGIN.left, x2: box.right, y1: y, y2: y }), label];
  });
}

let pointed = null; // the second that the pointer is on, as an index from the left

function plotRates(rates, at) {
  const svg = $("rates");
  const box = frame(svg);
  const last = rates.messagesReceived.length - 2; // the last second is not over
  const top = roundUp(Math.max(2, ...SERIES.flatMap(({ key }) => rates[key].slice(0, last + 1))));
  const x = (index) => MARGIN.left + (index / last) * (box.right - MARGIN.left);
  const y = (value) => box.bottom - (value / top) * (box.bottom - MARGIN.top);
  const shapes = horizontalGrid(box, top);
  for (let minutes = 0; minutes <= 4; minutes += 1) {
    const where = { x: x(last - 60 * minutes), y: box.bottom + 16, "text-anchor": minutes ? "middle" : "end" };
    shapes.push(drawing("text", where, minutes ? `−${minutes} min` : "now"));
  }
  for (const { key, style } of SERIES) {
    const points = rates[key].slice(0, last + 1).map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
    const line = `M${points.join("L")}`;
    // Filled too, so that a line that lies on another one leaves it visible.
    shapes.push(drawing("path", { class: `${style} area`, d: `${line}V${box.bottom}H${MARGIN.left}Z` }));
    shapes.push(drawing("path", { class: style, d: line }));
  }
  const shown = pointed === null ? last : Math.min(last, pointed);
  if (pointed !== null) {
    shapes.push(drawing("line", { class: "cursor", x1: x(shown), x2: x(shown), y1: MARGIN.top, y2: box.bottom }));
  }
  svg.replaceChildren(...shapes);
  const items = SERIES.map(({ key, name, style }) => [`${name} `, count(rates[key][shown]), style]);
  if (pointed !== null) items.unshift(["at ", clock(at - 1000 * (last + 1 - shown)), ""]);
  showLegend("rates-legend", items);
}

function plotLatencies({ boundsMs, counts, p50Ms, p95Ms, p99Ms }) {
  const svg = $("latencies");
  const box = frame(svg);
  const first = Math.max(0, counts.findIndex(Boolean) - 1);
  const end = Math.max(first + 8, Math.min(counts.length, counts.findLastIndex(Boolean) + 2));
  const shown = counts.slice(first, end);
  const top = roundUp(Math.max(2, ...shown));
  const width = (box.right - MARGIN.left) / shown.length;
  const every = Math.ceil(52 / width); // a label needs so much room
  const shapes = horizontalGrid(box, top);
  shown.forEach((value, index) => {
    const height = (value / top) * (box.bottom - MARGIN.top);
    const left = MARGIN.left + index * width;
    const bound = boundsMs[first + index];
    const label = bound === undefined ? `over ${milliseconds(boundsMs.at(-1))}` : `≤ ${milliseconds(bound)}`;
    const size = { x: left + 1, y: box.bottom - height, width: Math.max(1, width - 2), height };
    shapes.push(drawing("rect", { class: "bar", ...size }, drawing("title", {}, `${label}: ${count(value)}`)));
    if (index % every === 0 && bound !== undefined && left + width < box.right - 20) {
      const where = { x: left + width, y: box.bottom + 16, "text-anchor": "middle" };
      shapes.push(drawing("text", where, milliseconds(bound).replace(".0", "")));
    }
  });
  svg.replaceChildren(...shapes);
  const quantiles = { "half within ": p50Ms, "95 % ": p95Ms, "99 % ": p99Ms };
  showLegend("latencies-legend", Object.entries(quantiles).map(([name, value]) => [name, milliseconds(value), ""]));
}

function showLegend(id, items) {
  const legend = $(id);
  while (legend.children.length > items.length) legend.lastChild.remove();
  items.forEach(([name, value, style], index) => {
    const item = legend.children[index] ?? legend.appendChild(element("li", "", element("i"), element("span"), element("b")));
    item.children[0].className = style ? `key ${style}` : "";
    setText(item.children[1], name);
    setText(item.children[2], value);
  });
}

// The log.

const PLATFORM = /^(INIT_START|INIT_REPORT|START RequestId|END RequestId|REPORT RequestId)/;
let logged = 0;
let startedAt = 0;

function wanted(line) {
  const filter = $("log-filter").value.trim().toLowerCase();
  if (!$("log-platform").checked && line.dataset.platform) return false;
  return line.textContent.toLowerCase().includes(filter);
}

function appendLog(lines) {
  const log = $("log");
  for (const { at, source, text } of lines) {
    const name = source.replace(/^\/aws\/lambda\//, "");
    const head = element("span", "", clock(at), "  ", element("b", "", name));
    const line = element("p", "", head, element("span", "", text));
    if (PLATFORM.test(text)) line.dataset.platform = "yes";
    line.hidden = !wanted(line);
    log.append(line);
  }
  while (log.children.length > LOG_LINES) log.firstChild.remove();
  if (lines.length && $("log-follow").checked) log.scrollTop = log.scrollHeight;
}

function filterLog() {
  for (const line of $("log").children) line.hidden = !wanted(line);
}

// Everything.

function recent(series) {
  const seconds = series.slice(-1 - SETTLED_SECONDS, -1);
  return seconds.reduce((sum, value) => sum + value, 0) / SETTLED_SECONDS;
}

function show(status) {
  const { rates, latencies, health, faults } = status;
  $("state").className = "state ready";
  setText($("state"), `${health.status} for ${duration((status.at - status.startedAt) / 1000)}`);
  showTerms($("facts"), [
    ["endpoint", status.endpointUrl],
    ["data", health.dataDirectory],
    ["DynamoDB", health.dynamodb],
    ["process", String(health.processId)],
  ]);
  document.title = faults.length ? `⚠ ${faults.length} on · localcloud` : "localcloud";
  showFaults(faults);
  const errors = rates.errors.reduce((sum, value) => sum + value, 0);
  showTerms($("tiles"), [
    ["connections open", count(status.connections.open)],
    ["messages received", rate(recent(rates.messagesReceived)), " /s"],
    ["messages sent", rate(recent(rates.messagesSent)), " /s"],
    ["HTTP requests", rate(recent(rates.httpRequests)), " /s"],
    ["invocations", rate(recent(rates.invocations)), " /s"],
    ["latency, 95 %", milliseconds(latencies.p95Ms)],
    ["errors in 5 minutes", count(errors)],
  ]);
  $("tiles").lastChild.classList.toggle("bad", errors > 0);
  plotRates(rates, status.at);
  plotLatencies(latencies);
  showDeployed(status);
  const lines = status.lastErrors.map(({ at, source, text }) => [[clock(at)], [source, "name"], [text, "message bad"]]);
  showRows("errors", lines);
  appendLog(status.logs.lines);
}

function showFaults(faults) {
  $("faults").hidden = faults.length === 0;
  setText($("faults-title"), faults.length === 1 ? "1 fault is on" : `${faults.length} faults are on`);
  showRows(
    "faults-table",
    faults.map(({ rule, struck, matched, endsInSeconds }) => [
      [rule.id, "name"],
      [rule.effect],
      [`${rule.service} ${rule.operation} ${rule.resource ?? "*"}`, "identifier"],
      [count(struck), "number"],
      [count(matched), "number"],
      [duration(endsInSeconds), "number"],
    ]),
  );
}

function showDeployed({ apis, functions, connections, at }) {
  const named = new Map(apis.map((api) => [api.apiId, api.name]));
  showRows(
    "apis",
    apis.flatMap((api) =>
      (api.stages.length ? api.stages : [{ url: "it has no stage", connections: 0 }]).map((stage) => [
        [api.name, "name"],
        [api.protocol],
        [stage.url, "address"],
        [api.protocol === "WEBSOCKET" ? count(stage.connections) : "–", "number"],
      ]),
    ),
  );
  showRows(
    "functions",
    functions.map(({ name, runtime, environments, invocations, errors, throttles, lastError }) => [
      [name, "name"],
      [runtime],
      [environmentsText(environments)],
      [count(invocations), "number"],
      [count(errors), errors ? "number bad" : "number"],
      [count(throttles), throttles ? "number bad" : "number"],
      [lastError ? `${clock(lastError.at)} ${lastError.text}` : "–", lastError ? "message bad" : ""],
    ]),
  );
  const hidden = connections.open - connections.newest.length;
  setText($("connections-title"), hidden ? `Connections: the newest ${connections.newest.length}` : "Connections");
  showRows(
    "connections",
    connections.newest.map(({ connectionId, apiId, stage, openedAt }) => [
      [connectionId, "identifier"],
      [named.get(apiId) ?? apiId],
      [stage],
      [duration((at - openedAt) / 1000), "number"],
    ]),
  );
}

function environmentsText(environments) {
  const parts = ["busy", "idle", "starting"].filter((state) => environments[state]);
  return parts.map((state) => `${environments[state]} ${state}`).join(", ") || "none";
}

let shownStatus = null;

async function ask() {
  try {
    const answer = await fetch(`${STATUS}?logsAfter=${logged}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(`It answers ${answer.status}.`);
    const status = await answer.json();
    if (status.startedAt !== startedAt && startedAt) {
      location.reload(); // another process, perhaps another version
      return;
    }
    startedAt = status.startedAt;
    logged = status.logs.last;
    shownStatus = status;
    show(status);
  } catch {
    $("state").className = "state gone";
    setText($("state"), "localcloud does not answer; what follows is the last that it said");
  }
}

async function watch() {
  if (!document.hidden) await ask();
  setTimeout(watch, PERIOD_MS);
}

$("log-controls").addEventListener("input", filterLog);
$("log-controls").addEventListener("submit", (event) => event.preventDefault());
$("rates").addEventListener("pointermove", ({ clientX }) => {
  const { left, width } = $("rates").getBoundingClientRect();
  const share = (clientX - left - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
  pointed = Math.round(Math.min(1, Math.max(0, share)) * 298);
  if (shownStatus) plotRates(shownStatus.rates, shownStatus.at);
});
$("rates").addEventListener("pointerleave", () => {
  pointed = null;
  if (shownStatus) plotRates(shownStatus.rates, shownStatus.at);
});
watch();
