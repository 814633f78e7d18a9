// Texts that are to be JSON: where one is wrong, and how one is sent as it was written.

/** What is wrong with a text, and where. */
export interface Fault {
  message: string;
  /** The first character that is wrong, counted from 0. */
  position: number;
  /** How many are wrong; 0: the text ends too early. */
  length: number;
}

/** JSON as somebody wrote it. It is sent as it stands, since a number of JavaScript holds not every number. */
export class JsonText {
  constructor(readonly text: string) {}

  toJSON(): string {
    return this.text;
  }
}

/** @returns an object as JSON; fields that are undefined are left out */
export function written(body: unknown): string {
  if (typeof body !== "object" || body === null) return JSON.stringify(body);
  const fields = Object.entries(body)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => JSON.stringify(name) + ":" + (value instanceof JsonText ? value.text : JSON.stringify(value)));
  return "{" + fields.join(",") + "}";
}

/** @returns what is wrong with the text, if it is no JSON */
export function faultIn(text: string): Fault | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (e) {
    // What the browser says names a place only sometimes, and each browser says it in its own words.
    return new Reader(text).fault() ?? { message: (e as Error).message, position: text.length, length: 0 };
  }
}

/** @returns where a place in a text is, for people: in which line, and which character of it, from 1 */
export function lineOf(text: string, position: number): { line: number; column: number; begin: number; end: number } {
  const begin = text.lastIndexOf("\n", position - 1) + 1;
  const end = text.indexOf("\n", position);
  return { line: text.slice(0, begin).split("\n").length, column: position - begin + 1, begin, end: end < 0 ? text.length : end };
}

class Wrong extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message);
  }
}

/** Reads JSON up to what is wrong. */
class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  fault(): Fault | undefined {
    try {
      this.value();
      this.space();
      return this.at < this.text.length ? this.wrong("the end, since one value is complete here", this.at).fault : undefined;
    } catch (e) {
      return e instanceof Wrong ? e.fault : undefined;
    }
  }

  private wrong(expected: string, position: number, length = 1): Wrong {
    const found = position >= this.text.length ? "the text ends" : "found " + JSON.stringify(this.text.slice(position, position + length));
    return new Wrong({ message: `expected ${expected}, but ${found}`, position, length: Math.min(length, this.text.length - position) });
  }

  private space() {
    while (/[ \t\r\n]/.test(this.text.charAt(this.at))) this.at++;
  }

  /** @returns whether that came next */
  private took(sign: string): boolean {
    this.space();
    if (this.text.charAt(this.at) !== sign) return false;
    this.at++;
    return true;
  }

  private value() {
    this.space();
    const sign = this.text.charAt(this.at);
    if (sign === "{") this.object();
    else if (sign === "[") this.list();
    else if (sign === '"') this.string();
    else if (/[-\d]/.test(sign)) this.number();
    else this.word();
  }

  private object() {
    this.at++;
    if (this.took("}")) return;
    do {
      this.space();
      if (this.text.charAt(this.at) !== '"') throw this.wrong('the name of a field in double quotes, such as "order"', this.at);
      this.string();
      if (!this.took(":")) throw this.wrong("a colon behind the name of the field", this.at);
      this.value();
    } while (this.took(","));
    if (!this.took("}")) throw this.wrong("a comma or } behind the value of the field", this.at);
  }

  private list() {
    this.at++;
    if (this.took("]")) return;
    do this.value();
    while (this.took(","));
    if (!this.took("]")) throw this.wrong("a comma or ] behind the item of the list", this.at);
  }

  private string() {
    const begin = this.at++;
    for (;;) {
      const sign = this.text.charAt(this.at);
      if (sign === "") throw new Wrong({ message: 'expected a " that ends this text, but there is none', position: begin, length: this.text.length - begin });
      if (sign === '"') break;
      if (sign < " ") throw this.wrong(`${JSON.stringify(sign).replaceAll('"', "")} in its place`, this.at);
      if (sign === "\\") {
        const rest = this.text.slice(this.at, this.at + 6);
        if (!/^\\(["\\/bfnrt]|u[\da-fA-F]{4})/.test(rest)) throw this.wrong("\\\\ for a backslash, or one of \\\" \\n \\t \\u00e9 and the like", this.at, 2);
        this.at++;
      }
      this.at++;
    }
    this.at++;
  }

  private number() {
    const found = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/.exec(this.text.slice(this.at, this.at + 2_000));
    const whole = /^[-+.\w]*/.exec(this.text.slice(this.at, this.at + 2_000))?.[0] ?? "";
    if (!found || whole.length > found[0].length) throw this.wrong("a number, such as 17, -0.5 or 1e9", this.at, whole.length);
    this.at += found[0].length;
  }

  private word() {
    const word = /^[\p{L}\p{N}_]+/u.exec(this.text.slice(this.at, this.at + 200))?.[0] ?? "";
    if (word !== "true" && word !== "false" && word !== "null") {
      throw this.wrong(word ? "a value; texts stand in double quotes" : "a value", this.at, word.length || 1);
    }
    this.at += word.length;
  }
}
