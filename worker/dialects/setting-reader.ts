import type { Losses, WarningCode } from "../canonical/losses.ts";
import type { CanonicalRequest, SettingName, Settings } from "../canonical/request.ts";

/**
 * Hands a request's settings to an encoder one by one and knows afterwards which it has not asked for: those are dropped
 * and named, so an encoder cannot forget one in silence.
 */
export class SettingReader {
  readonly #settings: Settings;
  readonly #paths: CanonicalRequest["paths"];
  readonly #losses: Losses;
  readonly #taken = new Set<SettingName>();

  constructor(request: CanonicalRequest, losses: Losses) {
    this.#settings = request.settings;
    this.#paths = request.paths;
    this.#losses = losses;
  }

  take<K extends SettingName>(name: K): Settings[K] {
    this.#taken.add(name);
    return this.#settings[name];
  }

  /** The setting's path in the client's body. */
  path(name: SettingName): string {
    return this.#paths[name] ?? name;
  }

  lose(name: SettingName, code: WarningCode = "param_dropped"): undefined {
    this.#losses.add(code, this.path(name));
    return undefined;
  }

  /** Takes a setting that means nothing to the target and whose loss nobody would notice. */
  ignore(...names: SettingName[]): void {
    for (const name of names) this.#taken.add(name);
  }

  /** Names what the encoder did not ask for. */
  finish(): void {
    for (const name of Object.keys(this.#settings) as SettingName[]) {
      if (this.#settings[name] !== undefined && !this.#taken.has(name)) this.lose(name);
    }
  }
}
