/** What a person does in the window, by the words on the screen. */
import { By, until, type WebDriver, type WebElement } from "selenium-webdriver";

const PATIENCE = 20_000;

export class Hands {
  constructor(readonly driver: WebDriver) {}

  /** Waits for the heading of a screen. */
  async sees(title: string): Promise<void> {
    await this.find(`//h1[normalize-space()=${quoted(title)}]`);
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
    const named = await this.find(`//label[normalize-space()=${quoted(label)}]`);
    const id = await named.getAttribute("for");
    const field = id
      ? await this.driver.findElement(By.id(id))
      : await named.findElement(By.css("input, textarea"));
    await field.clear();
    await field.sendKeys(text);
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
