// widths.js FOLDER [PICTURES]: opens every page and mail of the gallery in FOLDER at 320, 400 and 1280 pixels, and on
// paper.
//
// A fault is anything that sticks out of the window or of a box that hides what sticks out: a figure that no one sees is
// worse than one that wraps. With PICTURES, that folder gets a picture of each.
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");

const WIDTHS = [320, 400, 1280];
const [, , folder, pictures] = process.argv;

function* pages(below) {
  for (const entry of fs.readdirSync(below, { withFileTypes: true })) {
    const file = path.join(below, entry.name);
    if (entry.isDirectory()) yield* pages(file);
    else if (entry.name.endsWith(".html") && entry.name !== "index.html") yield file;
  }
}

// In the page: what is cut off, as texts.
function cutOff() {
  const faults = [];
  const right = document.documentElement.clientWidth;
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.className}">`;
  if (document.documentElement.scrollWidth > right)
    faults.push(`the page is ${document.documentElement.scrollWidth - right} px too wide`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim()) continue;
    const element = node.parentElement;
    if (!element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    if (element.closest("script,style,.skip,.hidden,thead,[style*='display:none']")) continue;
    if (getComputedStyle(element.closest("summary") || element).clipPath !== "none") continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (!box.width) continue;
      let limit = right;
      for (let around = element; around; around = around.parentElement) {
        const style = getComputedStyle(around);
        if (style.overflowX !== "visible") limit = Math.min(limit, around.getBoundingClientRect().right);
      }
      if (box.right > limit + 1 || box.left < -1)
        faults.push(`${name(element)} "${node.data.trim().slice(0, 40)}" sticks out by ${Math.ceil(Math.max(box.right - limit, -box.left))} px`);
    }
  }
  return [...new Set(faults)];
}

// In the page: figures that lie upon other text.
function overlapping() {
  const boxes = [];
  for (const element of document.querySelectorAll("td,th,dd,dt,strong,.sum,.label,h1,h2,h3")) {
    if (!element.checkVisibility() || element.closest("thead")) continue;
    const range = document.createRange();
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) if (box.width > 1) boxes.push([box, node.data.trim().slice(0, 40), node]);
    }
  }
  boxes.sort((a, b) => a[0].top - b[0].top);
  const faults = [];
  boxes.forEach(([a, text, node], index) => {
    for (let next = index + 1; next < boxes.length && boxes[next][0].top < a.bottom - 3; next++) {
      const [b, other, otherNode] = boxes[next];
      if (node !== otherNode && a.left < b.right - 2 && b.left < a.right - 2 && b.top < a.bottom - 3 && a.top < b.bottom - 3)
        faults.push(`"${text}" and "${other}" lie upon each other`);
    }
  });
  return [...new Set(faults)];
}

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking", "--hide-scrollbars"],
  });
  let faults = 0;
  let seen = 0;
  for (const file of pages(folder)) {
    if (fs.statSync(file).size > 1 << 20) continue;
    const picture = pictures && path.join(pictures, path.relative(folder, file).replaceAll("/", "_").replace(/\.html$/, ""));
    const page = await browser.newPage();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto("file://" + path.resolve(file));
      await page.evaluate(() => document.querySelectorAll("details").forEach((details, index) => (details.open = index < 4)));
      for (const fault of [...(await page.evaluate(cutOff)), ...(await page.evaluate(overlapping))]) {
        faults++;
        console.log(`${path.relative(folder, file)} at ${width}: ${fault}`);
      }
      seen++;
      if (picture) await page.screenshot({ path: `${picture}-${width}.png`, fullPage: true });
    }
    if (picture) await page.pdf({ path: `${picture}.pdf`, format: "A4", preferCSSPageSize: true });
    await page.close();
  }
  await browser.close();
  console.log(`${seen} views, ${faults} faults`);
  process.exit(faults || !seen ? 1 : 0);
})();
