// pages.js LIST: opens every page named in LIST in headless Chromium as phone and desktop, light and dark.
//
// A fault is a violation that axe-core finds, a request to the outside, an error of the page's script, or a page that
// is wider than the phone. Pages above a megabyte are opened once, for how long that takes and how they scroll.
const fs = require("fs");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const LARGE = 1 << 20;
const VIEWS = [
  { width: 390, colorScheme: "light" },
  { width: 390, colorScheme: "dark" },
  { width: 1200, colorScheme: "light" },
  { width: 1200, colorScheme: "dark" },
];

// The gallery's languages and currencies differ in words and figures only: one view of each is enough.
const ALIKE = /gallery\/(?!may|corrected|late|empty|hostile)/;

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking"],
  });
  let faults = 0;
  const fault = (...words) => { faults++; console.log(...words); };
  for (const file of fs.readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
    const large = fs.statSync(file).size > LARGE;
    for (const { width, colorScheme } of large || ALIKE.test(file) ? VIEWS.slice(2, 3) : VIEWS) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
      const page = await context.newPage();
      page.on("request", (request) => /^(file|data):/.test(request.url()) || fault(file, "asks for", request.url()));
      page.on("pageerror", (error) => fault(file, error.message));
      const start = Date.now();
      await page.goto("file://" + file);
      if (large) {
        const opened = Date.now() - start;
        const scrolled = await page.evaluate(async () => {
          const start = performance.now();
          for (let step = 1; step <= 20; step++) {
            scrollTo(0, (document.body.scrollHeight * step) / 20);
            await new Promise(requestAnimationFrame);
          }
          return Math.round(performance.now() - start);
        });
        console.log(`${file}: ${fs.statSync(file).size} bytes, opened in ${opened} ms, twenty jumps in ${scrolled} ms`);
      } else {
        await page.evaluate(() => document.querySelectorAll("details").forEach((details, index) => (details.open = index < 3)));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0 && !file.includes("mail")) fault(file, `is ${wide} px wider than ${width}`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
        for (const { id, nodes } of violations) fault(file, width, colorScheme, id, nodes[0].html.slice(0, 200), nodes[0].failureSummary);
      }
      await context.close();
    }
  }
  await browser.close();
  process.exit(faults ? 1 : 0);
})();
