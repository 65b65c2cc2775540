// What all pages of the online consultation are checked for, those of customers and those of staff: see `online.js` and `staff.js`.
//
// A fault is a violation that axe-core or the page's own policy reports, a request to the outside, a page wider than the screen
// (at 320 px too, which is 1280 px at 400 %), more than three requests, or more than 40 kB without pictures.
const fs = require("fs");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };
const MOST_BYTES = 40_000;

module.exports = ({ url, dir, mostRequests }) => {
  let faults = 0;
  const fault = (...words) => { faults++; console.log(...words); };

  // What each page must not do, wherever it is opened.
  function watch(page, name) {
    page.on("request", (request) => request.url().startsWith(url) || request.url().startsWith("data:") || fault(name, "asks for", request.url()));
    page.on("console", (message) => /Content Security Policy|Refused to/.test(message.text()) && fault(name, message.text()));
    page.on("pageerror", (error) => fault(name, error.message));
  }

  // Gives the page's document as it came.
  function documents(page) {
    let sent;
    page.on("response", (response) => { if (response.request().isNavigationRequest() && response.status() !== 303) sent = response.text(); });
    return () => sent;
  }

  async function looked(browser, name, open, { needsSession }) {
    for (const viewport of [PHONE, DESKTOP]) {
      for (const colorScheme of ["light", "dark"]) {
        const view = `${name} ${viewport.width} ${colorScheme}`;
        const context = await browser.newContext({ viewport, colorScheme, storageState: needsSession });
        const page = await context.newPage();
        watch(page, view);
        const sent = documents(page);
        await open(page);
        if (viewport === DESKTOP && colorScheme === "light") {
          fs.writeFileSync(`${dir}/${name}.html`, await sent());
          await weighed(page, name);
        }
        await judged(page, name, viewport, colorScheme);
        await context.close();
      }
    }
  }

  async function judged(page, name, viewport, colorScheme) {
    const view = `${name} ${viewport.width} ${colorScheme}`;
    await page.screenshot({ path: `${dir}/${name}-${viewport.width}-${colorScheme}.png`, fullPage: true });
    await widthOf(page, view, viewport.width);
    // axe-core runs where the page's policy keeps scripts out: by the debugger, to which the policy does not apply.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    for (const { id, nodes } of violations) fault(view, id, nodes[0].html.slice(0, 200), nodes[0].failureSummary);
    if (viewport === PHONE) {
      await page.setViewportSize({ width: 320, height: 740 });
      await widthOf(page, view, 320);
    }
  }

  async function widthOf(page, view, width) {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) fault(view, `is ${wide} px wider than ${width}`);
  }

  async function weighed(page, name) {
    const parts = await page.evaluate(() =>
      performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource")).map((part) => ({ name: part.name, type: part.initiatorType, bytes: part.transferSize || part.encodedBodySize })));
    const bytes = parts.filter((part) => !/\.(png|svg)$/.test(part.name)).reduce((sum, part) => sum + part.bytes, 0);
    const scripts = await page.evaluate(() => document.scripts.length);
    if (parts.length > mostRequests || bytes > MOST_BYTES || scripts) fault(name, `${parts.length} requests, ${bytes} bytes, ${scripts} scripts`);
  }

  return { fault, watch, documents, looked, judged, faults: () => faults };
};
Object.assign(module.exports, { PHONE, DESKTOP });
