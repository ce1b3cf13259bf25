/** What a window manager does when a person closes a window. X Window System Protocol, X11R6.8; ICCCM 2.0 §4.2.8.1 */
import { connect, type Socket } from "node:net";

const QUERY_TREE = 15;
const INTERN_ATOM = 16;
const GET_PROPERTY = 20;
const SEND_EVENT = 25;
const CLIENT_MESSAGE = 33;

/** Asks the window with this title to close. `display` is one like `:1`. */
export async function closeWindow(display: string, title: string): Promise<void> {
  const x = await Display.open(display);
  try {
    const [name, protocols, close] = [
      await x.atom("WM_NAME"),
      await x.atom("WM_PROTOCOLS"),
      await x.atom("WM_DELETE_WINDOW"),
    ];
    for (const window of await x.topmost()) {
      if ((await x.property(window, name)).toString() !== title) continue;
      if (!words(await x.property(window, protocols)).includes(close)) continue;
      await x.tell(window, protocols, close);
      return;
    }
    throw new Error(`no window is called ${title}`);
  } finally {
    x.end();
  }
}

class Display {
  private waiting = Buffer.alloc(0);
  private root = 0;

  private constructor(private readonly socket: Socket) {}

  static async open(display: string): Promise<Display> {
    const socket = connect(`/tmp/.X11-unix/X${display.replace(":", "")}`);
    const x = new Display(socket);
    // "l": the first byte of a number is its least.
    socket.write(Buffer.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    const head = await x.read(8);
    const about = await x.read(head.readUInt16LE(6) * 4);
    if (head[0] !== 1) throw new Error("the display lets nobody in");
    const vendor = (about.readUInt16LE(16) + 3) & ~3;
    x.root = about.readUInt32LE(32 + vendor + about.readUInt8(21) * 8);
    return x;
  }

  async atom(name: string): Promise<number> {
    const bytes = Buffer.alloc((name.length + 3) & ~3);
    bytes.write(name);
    const length = Buffer.alloc(4);
    length.writeUInt16LE(name.length);
    return (await this.ask(INTERN_ATOM, length, bytes)).readUInt32LE(8);
  }

  /** The windows that lie on the screen and in no other window. */
  async topmost(): Promise<number[]> {
    const reply = await this.ask(QUERY_TREE, numbers(this.root));
    return words(reply.subarray(32, 32 + reply.readUInt16LE(16) * 4));
  }

  async property(window: number, property: number): Promise<Buffer> {
    const reply = await this.ask(GET_PROPERTY, numbers(window, property, 0, 0, 64));
    return reply.subarray(32, 32 + (reply.readUInt32LE(16) * reply.readUInt8(1)) / 8);
  }

  async tell(window: number, type: number, what: number): Promise<void> {
    const event = Buffer.from([CLIENT_MESSAGE, 32, 0, 0]);
    this.send(SEND_EVENT, numbers(window, 0), event, numbers(window, type, what, 0, 0, 0, 0));
    // It has arrived when what was asked after it is answered.
    await this.topmost();
  }

  end(): void {
    this.socket.destroy();
  }

  private send(opcode: number, ...parts: Buffer[]): void {
    const body = Buffer.concat(parts);
    const head = Buffer.from([opcode, 0, 0, 0]);
    head.writeUInt16LE(1 + body.length / 4, 2);
    this.socket.write(Buffer.concat([head, body]));
  }

  private async ask(opcode: number, ...parts: Buffer[]): Promise<Buffer> {
    this.send(opcode, ...parts);
    const head = await this.read(32);
    if (head[0] !== 1) throw new Error(`the display refuses request ${opcode}`);
    return Buffer.concat([head, await this.read(head.readUInt32LE(4) * 4)]);
  }

  private async read(length: number): Promise<Buffer> {
    while (this.waiting.length < length) {
      const more = await new Promise<Buffer>((resolve, reject) => {
        this.socket.once("data", resolve);
        this.socket.once("error", reject);
        this.socket.once("end", () => reject(new Error("the display is gone")));
      });
      this.waiting = Buffer.concat([this.waiting, more]);
    }
    const bytes = this.waiting.subarray(0, length);
    this.waiting = this.waiting.subarray(length);
    return bytes;
  }
}

function numbers(...all: number[]): Buffer {
  const bytes = Buffer.alloc(all.length * 4);
  for (const [index, number] of all.entries()) bytes.writeUInt32LE(number, index * 4);
  return bytes;
}

function words(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4));
}
