/** What a person does in the window, by the words on the screen. */
import { By, until, type WebDriver, type WebElement } from "selenium-webdriver";

const PATIENCE = 20_000;

export class Hands {
  constructor(readonly driver: WebDriver) {}

  /** Waits for the heading of a screen. */
  async sees(title: string): Promise<void> {
    await this.find(`//h1[normalize-space()=${quoted(title)}]`);
  }

  /** Opens the wallet, which stands before its lock. */
  async unlock(secret: string): Promise<void> {
    await this.sees("Unlock your wallet");
    await this.types("Passphrase", secret);
    await this.press("Unlock");
    await this.sees("Your cards");
  }

  /** The lines of a problem with this code. */
  async problem(code: string): Promise<string[]> {
    const foot = await this.find(`//*[@data-code=${quoted(code)}]`);
    const lines = await foot.findElements(By.xpath("preceding-sibling::p"));
    return Promise.all(lines.map(async (line) => (await line.getText()).trim()));
  }

  /** What the window shows now. */
  async words(): Promise<string> {
    return this.driver.findElement(By.css("body")).getText();
  }

  /** Follows a link, which may look like a button. */
  async follow(name: string): Promise<void> {
    await (await this.find(`//a[normalize-space()=${quoted(name)}]`)).click();
  }

  /** Waits for words anywhere. */
  async reads(words: string): Promise<WebElement> {
    return this.find(`//*[text()[contains(normalize-space(), ${quoted(words)})]]`);
  }

  async press(name: string): Promise<void> {
    const button = await this.find(`//button[normalize-space()=${quoted(name)}]`);
    await this.driver.wait(until.elementIsEnabled(button), PATIENCE);
    await button.click();
  }

  /** Types into the field with this label. */
  async types(label: string, text: string): Promise<void> {
    const field = await this.field(label);
    await field.clear();
    await field.sendKeys(text);
  }

  /** The field with this label. */
  async field(label: string): Promise<WebElement> {
    const named = await this.find(`//label[normalize-space()=${quoted(label)}]`);
    const id = await named.getAttribute("for");
    return id ? this.driver.findElement(By.id(id)) : named.findElement(By.css("input, textarea"));
  }

  /** Waits for a picture that is named like this. */
  async image(name: string): Promise<void> {
    await this.find(`//img[@alt=${quoted(name)}]`);
  }

  /** Opens what stands under a heading that unfolds. */
  async expand(summary: string): Promise<void> {
    await (await this.find(`//summary[normalize-space()=${quoted(summary)}]`)).click();
  }

  private async find(xpath: string): Promise<WebElement> {
    const element = await this.driver.wait(until.elementLocated(By.xpath(xpath)), PATIENCE, xpath);
    await this.driver.wait(until.elementIsVisible(element), PATIENCE, xpath);
    return element;
  }
}

/** A string in XPath 1.0, which knows no escapes. */
function quoted(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}
