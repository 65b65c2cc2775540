// online.js URL ACCOUNT OWNER PASSWORD DIR MAIL: the online consultation in headless Chromium, as `statementd demo --serve` shows it.
//
// First a walk by keyboard alone, with scripts off, on a phone and a desktop: sign in, a room, give a code, undo, download,
// sign out. Then each page as phone and desktop, light and dark, as `look.js` looks at it. A fault is also a step
// that the keyboard does not reach, and a focus that cannot be seen.
// The pages and their pictures go to DIR; the Nu checker reads the pages there. MAIL is where the demo puts its mail.
const crypto = require("crypto");
const fs = require("fs");
const { chromium } = require("playwright-core");
const look = require("./look.js");
const [url, account, owner, password, dir, mail] = process.argv.slice(2);

const { PHONE, DESKTOP } = look;
const ROOM = `/a/${account}/rooms/332703`;
const MOST_STEPS = 150;
const PATIENCE = 30_000;

const { fault, watch, documents, looked, judged, faults } = look({ url, dir, mostRequests: 3 });
const path = (page) => page.url().slice(url.length);

// --- By keyboard alone ---

class Keyboard {
  constructor(page, name) { Object.assign(this, { page, name }); }

  // Presses Tab until `selector` has the focus, which must be seen each time.
  async to(selector) {
    for (let step = 0; step < MOST_STEPS; step++) {
      await this.page.keyboard.press("Tab");
      const { found, seen, what } = await this.page.evaluate((selector) => {
        const at = document.activeElement;
        const style = getComputedStyle(at);
        const box = at.getBoundingClientRect();
        const inside = box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
        return {
          found: at.matches(selector),
          seen: at === document.body || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && inside),
          what: at.outerHTML.slice(0, 120),
        };
      }, selector);
      if (!seen) fault(this.name, path(this.page), "the focus cannot be seen on", what);
      if (found) return;
    }
    throw new Error(`${this.name} ${path(this.page)}: Tab does not lead to ${selector}`);
  }

  async type(selector, text) {
    await this.to(selector);
    await this.page.keyboard.type(text);
  }

  // Enter on `selector`, and the page that it leads to.
  async follow(selector, expected) {
    await this.to(selector);
    await Promise.all([this.page.waitForNavigation(), this.page.keyboard.press("Enter")]);
    this.expect(expected.test(path(this.page)), `${selector} leads to ${path(this.page)}`);
  }

  expect(is, what) {
    if (!is) fault(this.name, what);
  }
}

async function walk(browser, name, viewport) {
  const context = await browser.newContext({ viewport, javaScriptEnabled: false, acceptDownloads: true });
  const page = await context.newPage();
  watch(page, name);
  const keys = new Keyboard(page, name);
  const text = async () => (await page.textContent("body")).replace(/[\u00a0\u202f]/g, " ");
  await page.goto(`${url}/sign-in`);
  await keys.type("#number", account);
  await keys.type("#email", owner);
  await keys.type("#password", password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  keys.expect(path(page) === `/a/${account}`, `signing in leads to ${path(page)}`);
  keys.expect((await text()).includes("132,07 €"), "the account's charge is not shown");
  await keys.follow(`a[href^="${ROOM}"]`, new RegExp(`^${ROOM}`));
  await keys.to("tbody input[type=checkbox]");
  await page.keyboard.press("Space");
  await keys.type("#give-code", "WALK");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  keys.expect((await page.textContent("tbody")).includes("WALK"), "the code is not in the list");
  await keys.follow(".done button", new RegExp(`^${ROOM}.*changed=`));
  keys.expect(!(await page.textContent("tbody")).includes("WALK"), "the code was not taken back");
  await keys.to('a[href*=".xlsx"]');
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  const saved = fs.readFileSync(await download.path());
  keys.expect(saved.subarray(0, 2).toString() === "PK" && /^[\w.-]+\.xlsx$/.test(download.suggestedFilename()), "the download is no workbook");
  await keys.follow('form[action="/sign-out"] button', /^\/sign-in$/);
  await page.goto(url + ROOM);
  keys.expect(path(page).startsWith("/sign-in"), "after signing out the room is still shown");
  await context.close();
}

// --- Each page ---

const signedIn = async (page) => {
  await page.goto(`${url}/sign-in`);
  await page.fill("#number", account);
  await page.fill("#email", owner);
  await page.fill("#password", password);
  await Promise.all([page.waitForNavigation(), page.press("#password", "Enter")]);
};
const at = (path) => (page) => page.goto(url + path);
const submit = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
// Gives the first conference of a month a code.
const give = (month, code) => async (page) => {
  await page.goto(`${url}${ROOM}?period=${month}`);
  if (!(await page.$("tbody input[type=checkbox]:checked"))) await page.click("tbody input[type=checkbox]");
  await page.fill("#give-code", code);
  await submit(page, "#give button");
};
const conference = (month) => async (page) => {
  await page.goto(`${url}${ROOM}?period=${month}`);
  await submit(page, "tbody td.way a");
};

// A link for a first or a forgotten password, as it is mailed: what it leads to is a page too.
let link;
const mailed = async () => {
  const body = new URLSearchParams({ number: account, email: owner });
  await fetch(`${url}/password/forgot`, { method: "POST", body, redirect: "manual" });
  for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((next) => setTimeout(next, 200))) {
    for (const name of fs.readdirSync(mail)) {
      const found = /\/password\/[\w-]{43}/.exec(fs.readFileSync(`${mail}/${name}`, "utf8").replace(/=\r?\n/g, ""));
      if (found) return found[0];
    }
  }
  throw new Error(`no mail with a link in ${mail}`);
};

// The code that an app shows (RFC 6238) for a key as the page shows it.
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const totp = (key) => {
  const bits = [...key.replace(/\s/g, "")].map((c) => BASE32.indexOf(c).toString(2).padStart(5, "0")).join("");
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = crypto.createHmac("sha1", Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))).update(step).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
};

const STRANGERS = {
  "sign-in": at("/sign-in"),
  "sign-in-refused": async (page) => {
    await page.goto(`${url}/sign-in`);
    for (const [id, value] of [["number", "1"], ["email", `${Math.random()}@example.com`], ["password", "x"]]) await page.fill(`#${id}`, value);
    await submit(page, "main button");
  },
  forgotten: at("/password/forgot"),
  "forgotten-asked": async (page) => {
    await page.goto(`${url}/password/forgot`);
    for (const [id, value] of [["number", "1"], ["email", "nobody@example.com"]]) await page.fill(`#${id}`, value);
    await submit(page, "main button");
  },
  password: async (page) => page.goto(url + (link ??= await mailed())),
  "link-that-is-none": at("/password/nothing"),
};
const PAGES = {
  account: at(`/a/${account}`),
  "account-all-rooms": at(`/a/${account}?show=all`),
  "account-closed": at(`/a/${account}?period=2009-04`),
  "account-nothing-found": at(`/a/${account}?q=nothing`),
  room: at(`${ROOM}`),
  "room-ticked": at(`${ROOM}?select=page`),
  "room-given": give("2009-05", "LOOKED-AT"),
  "room-recoded": give("2009-04", "AFTERWARDS"),
  "room-almost-known": give("2009-05", "looked-at"),
  conference: conference("2009-05"),
  "conference-recoded": conference("2009-04"),
  codes: at(`/a/${account}/codes`),
  statements: at(`/a/${account}/statements`),
  "statement-revised": async (page) => {
    await page.goto(`${url}/a/${account}/statements`);
    await submit(page, 'form[action$="/revise"] button');
  },
  me: at("/me"),
  "second-factor": at("/me/second-factor"),
  "second-factor-proposed": async (page) => {
    await page.goto(`${url}/me/second-factor`);
    await submit(page, 'form[action$="/begin"] button');
  },
  "not-found": at(`/a/${account}/rooms/1`),
};
// The codes of a new second factor are shown once: one page, looked at in each way.
async function secondFactor(browser, session) {
  const context = await browser.newContext({ viewport: DESKTOP, storageState: session });
  const page = await context.newPage();
  watch(page, "second-factor-codes");
  const sent = documents(page);
  await page.goto(`${url}/me/second-factor`);
  await submit(page, 'form[action$="/begin"] button');
  await page.fill("#code", totp(await page.textContent("main code")));
  await submit(page, 'form[action$="/confirm"] button');
  fs.writeFileSync(`${dir}/second-factor-codes.html`, await sent());
  for (const viewport of [PHONE, DESKTOP]) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await judged(page, "second-factor-codes", viewport, colorScheme);
    }
  }
  await context.close();
}

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking"],
  });
  await walk(browser, "phone", PHONE);
  await walk(browser, "desktop", DESKTOP);
  for (const [name, open] of Object.entries(STRANGERS)) await looked(browser, name, open, {});
  const context = await browser.newContext();
  await signedIn(await context.newPage());
  const session = await context.storageState();
  for (const [name, open] of Object.entries(PAGES)) await looked(browser, name, open, { needsSession: session });
  await secondFactor(browser, session);
  await looked(browser, "second-factor-on", at("/me/second-factor"), { needsSession: session });
  await looked(browser, "sign-in-code", signedIn, {});
  await browser.close();
  process.exit(faults() ? 1 : 0);
})().catch((error) => { console.log(error.message); process.exit(1); });
