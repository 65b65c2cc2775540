// staff.js URL LINK DIR: the pages for staff in headless Chromium, as `look.js` looks at each; LINK sets the password.
//
// First the way in, by keyboard alone and without scripts: password, second factor, sign out, sign in again. Then every page. The
// pages and their pictures go to DIR; the Nu checker reads the pages there.
const crypto = require("crypto");
const { chromium } = require("playwright-core");
const look = require("./look.js");
const [url, link, dir] = process.argv.slice(2);

const STAFF = "finance@op.example";
const PASSWORD = "blau regnet kamel";
const MONTH = "2009-04";
const ACCOUNT = "/staff/accounts/602127";
const FILES = `${ACCOUNT}/statements/${MONTH}`;
// A page has one style sheet more than a customer's.
const { fault, watch, looked, faults } = look({ url, dir, mostRequests: 4 });

// The code that an app shows `ahead` steps from now: each counts once.
function code(secret, ahead) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/\s/g, "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const digest = crypto.createHmac("sha1", key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const at = (path) => (page) => page.goto(url + path);
const submit = (page) => Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);

// Tab to the field, and type.
async function type(page, selector, text) {
  for (let step = 0; step < 40; step++) {
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) {
      await page.keyboard.type(text);
      return;
    }
    await page.keyboard.press("Tab");
  }
  fault(page.url(), "Tab does not lead to", selector);
}

async function wayIn(browser) {
  const context = await browser.newContext({ viewport: look.PHONE, javaScriptEnabled: false });
  const page = await context.newPage();
  watch(page, "the way in");
  await page.goto(link);
  await type(page, "#password", PASSWORD);
  await submit(page);
  const secret = await page.textContent("code");
  await type(page, "#code", code(secret, 0));
  await submit(page);
  if ((await page.$$("ul.codes li")).length !== 10) fault("the way in: no recovery codes");
  await page.goto(`${url}/staff`);
  await page.click('form[action="/staff/sign-out"] button');
  await page.goto(`${url}/staff/deliveries`);
  await type(page, "#email", STAFF);
  await type(page, "#password", PASSWORD);
  await submit(page);
  await type(page, "#code", code(secret, 1));
  await submit(page);
  if (!page.url().endsWith("/staff/deliveries")) fault("the way in leads to", page.url());
  const session = await context.storageState();
  await context.close();
  return session;
}

const STRANGERS = {
  "staff-sign-in": at("/staff/sign-in"),
  "staff-sign-in-refused": async (page) => {
    await page.goto(`${url}/staff/sign-in`);
    await page.fill("#email", `${Math.random()}@example.com`);
    await page.fill("#password", "x");
    await Promise.all([page.waitForNavigation(), page.press("#password", "Enter")]);
  },
  "staff-code": async (page) => {
    await page.goto(`${url}/staff/sign-in`);
    await page.fill("#email", STAFF);
    await page.fill("#password", PASSWORD);
    await Promise.all([page.waitForNavigation(), page.press("#password", "Enter")]);
  },
  "staff-link-that-is-none": at("/staff/link/nothing"),
};
const PAGES = {
  "staff-home": at("/staff"),
  "staff-accounts": at("/staff/accounts"),
  "staff-nothing-found": at("/staff/accounts?q=nothing-at-all"),
  "staff-account": at(ACCOUNT),
  "staff-revision": at(`${FILES}/r1`),
  "staff-damaged": at(`${ACCOUNT}/statements/2009-03/r1/account.html`),
  "staff-month": at(`/staff/months/${MONTH}`),
  "staff-month-open": at("/staff/months/2009-06?sort=-charge"),
  "staff-month-filtered": at(`/staff/months/${MONTH}?show=parked&q=a`),
  "staff-verified": at(`/staff/months/${MONTH}/verify`),
  "staff-verified-damaged": at("/staff/months/2009-03/verify"),
  "staff-deliveries": at("/staff/deliveries"),
  "staff-deliveries-all": at("/staff/deliveries?state=all"),
  "staff-usage": at("/staff/usage"),
  "staff-reruns": at("/staff/reruns"),
  "staff-rerun": at("/staff/reruns/2009-04-dearer"),
  "staff-as-owner": at(`${ACCOUNT}/as-owner?period=${MONTH}`),
  "staff-as-owner-room": at(`${ACCOUNT}/as-owner/rooms/332703?period=${MONTH}`),
  "staff-as-owner-codes": at(`${ACCOUNT}/as-owner/codes`),
  "staff-as-owner-statements": at(`${ACCOUNT}/as-owner/statements`),
  "staff-as-cardholder": at(`${ACCOUNT}/as-cardholder/332703/rooms/332703?period=${MONTH}`),
  "staff-not-found": at("/staff/accounts/1"),
};

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking"],
  });
  await looked(browser, "staff-link", at(link.slice(url.length)), {});
  const session = await wayIn(browser);
  for (const [name, open] of Object.entries(STRANGERS)) await looked(browser, name, open, {});
  for (const [name, open] of Object.entries(PAGES)) await looked(browser, name, open, { needsSession: session });
  await browser.close();
  process.exit(faults() ? 1 : 0);
})().catch((error) => { console.log(error.message); process.exit(1); });
