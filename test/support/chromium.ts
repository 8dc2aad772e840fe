import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/**
 * Debian's Chromium without a window, spoken to through two pipes (--remote-debugging-pipe: messages of the
 * DevTools protocol, each ended by a NUL byte). It has no network and keeps everything in `directory`.
 */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  /** What pages said on their console, threw, or were not allowed to do. */
  readonly complaints: string[] = [];
  #session: string | undefined;
  #id = 0;
  #loaded: (() => void) | undefined;

  constructor(directory: string) {
    for (const name of ['profile', 'tmp']) mkdirSync(join(directory, name), { recursive: true });
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
    const quiet = [
      '--disable-background-networking',
      '--disable-breakpad',
      '--disable-component-update',
      '--no-zygote',
    ];
    const own = [`--user-data-dir=${join(directory, 'profile')}`, '--remote-debugging-pipe', '--window-size=1280,1000'];
    this.#process = spawn('chromium', [...flags, ...quiet, ...own, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: directory, TMPDIR: join(directory, 'tmp'), XDG_RUNTIME_DIR: join(directory, 'tmp') },
    });
    let rest = '';
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() as string;
      for (const message of messages) this.#received(JSON.parse(message));
    });
  }

  /** Opens a page. @param scheme what the user prefers */
  async open(url: string, scheme: 'light' | 'dark'): Promise<void> {
    if (!this.#session) await this.#attach();
    await this.#send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    const loaded = new Promise<void>((resolve) => {
      this.#loaded = resolve;
    });
    await this.#send('Page.navigate', { url });
    await loaded;
  }

  async scripts(enabled: boolean): Promise<void> {
    if (!this.#session) await this.#attach();
    await this.#send('Emulation.setScriptExecutionDisabled', { value: !enabled });
  }

  /** The value of an expression in the page. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: Value }).value;
  }

  /** Presses a key in what has the focus. */
  async press(key: string): Promise<void> {
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', key });
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', key });
  }

  /** PNG of what is seen, or of the whole page. */
  async screenshot(whole = false): Promise<Buffer> {
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
    return Buffer.from(data as string, 'base64');
  }

  /** How wide and high the window is, in pixels of CSS. */
  async resize(width: number, height: number): Promise<void> {
    if (!this.#session) await this.#attach();
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.#send('Emulation.setDeviceMetricsOverride', metrics);
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    void this.#send('Browser.close', {}, false).catch(() => {});
    await ended;
  }

  async #attach(): Promise<void> {
    const { targetInfos } = await this.#send('Target.getTargets', {}, false);
    const page = (targetInfos as { type: string; targetId: string }[]).find(({ type }) => type === 'page');
    const { sessionId } = await this.#send('Target.attachToTarget', { targetId: page?.targetId, flatten: true }, false);
    this.#session = sessionId as string;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.#send(`${domain}.enable`);
  }

  #send(method: string, params: object = {}, inPage = true): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    const message = { id, method, params, ...(inPage && { sessionId: this.#session }) };
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result ?? {}),
      );
    });
  }

  #received(message: Message): void {
    const { id, method, params = {} } = message;
    if (id !== undefined) this.#waiting.get(id)?.(message);
    if (method === 'Page.loadEventFired') this.#loaded?.();
    if (method === 'Runtime.exceptionThrown' || method === 'Runtime.consoleAPICalled' || method === 'Log.entryAdded')
      this.complaints.push(JSON.stringify(params));
    if (method !== 'Network.requestWillBeSent') return;
    const { url } = params.request as { url: string };
    if (!url.startsWith('file:')) this.complaints.push(`asked for ${url}`);
  }
}
