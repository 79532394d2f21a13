import { compileFilter, type Matcher } from "../../core/events/event-filter.ts";
import type { Queryable } from "../../core/events/recording.ts";
import type { Subject, Subscription } from "../../core/events/subscription.ts";
import type { Logger } from "../../core/outside/log.ts";
import { UnknownKey } from "../../core/unknown-key.ts";
import type { Dialect, SigningSecret, Speech } from "../../dialects/dialect.ts";
import { getDialect } from "../../dialects/registry.ts";
import { readSpeech, vocabularyOf } from "../../dialects/speech.ts";
import {
  type DirectoryRow,
  findEndpointWorkspace,
  readDirectory,
  readVersions,
} from "../../storage/endpoints/directory.ts";
import { Addressees } from "./addressees.ts";
import { type EndpointAccess, PLAIN, type Sending, sendingOf } from "./sending.ts";

/** An endpoint as matching and sending know it, under one configuration version. */
export interface EndpointView {
  id: string;
  serial: number;
  workspaceId: string;
  name: string;
  /** The account whose key made it. */
  ownerAccountId: string | null;
  url: string;
  dialect: Dialect;
  speech: Speech;
  subscription: Subscription;
  /** Waits after each failure, in seconds. */
  schedule: readonly number[];
  timeoutMs: number;
  /** A key of the receiver's, JSON text: what is kept of purged bodies is sealed to it. */
  holdKey: string | null;
  /** Events of one conversation reach it one by one, in their order. */
  keepsOrder: boolean;
  /** Requests a second, by all processes together; null for as many as come. */
  rateLimit: number | null;
  /** New events wait for it in the log alone. */
  isBehind: boolean;
  /** It is still owed some of the log: what keeps its order waits for that. */
  catchesUp: boolean;
  /** Its own, and what authenticates us where that is the same for each request. */
  headers: Readonly<Record<string, string>>;
  /** What else authenticates us: it belongs to the connection. */
  access: EndpointAccess | null;
  /** Requests of another key must not share a connection with these. */
  connectionKey: string;
  /** The one that signs comes first, then those that retire, the newest first. */
  secrets: readonly LiveSecret[];
  /** New events are collected for it. */
  collects: boolean;
  /** Attempts are made now. */
  moves: boolean;
}

export interface LiveSecret extends SigningSecret {
  expiresAt: number | null;
  /** A request that was answered so is sent again, signed with this one. */
  resendOn: readonly number[];
}

export interface WorkspaceView {
  id: string;
  version: number;
  endpoints: ReadonlyMap<number, EndpointView>;
  /** Every endpoint is carried in memory from the accept on. */
  isPlain: boolean;
  /** Some endpoint asks for the messages before an event. */
  remembers: boolean;
  /** The serials of the endpoints that an event with this native body must reach. */
  targets(event: Subject, body: object): number[];
}

export interface DirectoryDeps {
  db: Queryable;
  logger: Logger;
  /** Opens a sealed endpoint secret. */
  openSecret(sealed: string, secretId: string): string;
  /** Opens a sealed column of an endpoint. */
  openColumn(sealed: string, column: "headers" | "auth", endpointId: string): string;
}

/** Secrets by id, with the sealed text that each was opened from. */
type Opened = Map<string, { sealed: string; value: string }>;

/** A workspace's configuration makes no sense to this release: nothing is accepted or sent for it here. */
export class UnreadableWorkspace extends Error {}

/** What this process knows of workspaces and their endpoints; loaded when asked for, kept current. */
export class Directory {
  readonly #deps: DirectoryDeps;
  #workspaces = new Map<string, WorkspaceView>();
  #loading = new Map<string, Promise<WorkspaceView | null>>();
  #owners = new Map<number, string | null>();
  /** By workspace: opening ten thousand anew at every change of one endpoint would hold everything up. */
  #opened = new Map<string, Opened>();
  #version = 0;
  #listeners: ((view: WorkspaceView) => void)[] = [];

  constructor(deps: DirectoryDeps) {
    this.#deps = deps;
  }

  /** The instance's configuration version that is applied here in full. */
  get version(): number {
    return this.#version;
  }

  /** Calls back whenever a workspace was loaded anew. */
  onChange(listener: (view: WorkspaceView) => void): void {
    this.#listeners.push(listener);
  }

  cached(workspaceId: string): WorkspaceView | undefined {
    return this.#workspaces.get(workspaceId);
  }

  /** A broken promise when the workspace does not exist: events are recorded for those that do. */
  async get(workspaceId: string): Promise<WorkspaceView> {
    const view = this.#workspaces.get(workspaceId) ?? (await this.load(workspaceId));
    if (!view) throw new Error(`there is no workspace ${workspaceId}`);
    return view;
  }

  /** The endpoint with this serial, or null when it is deleted or never was. */
  async findEndpoint(serial: number): Promise<EndpointView | null> {
    let owner = this.#owners.get(serial);
    if (owner === undefined) {
      owner = await findEndpointWorkspace(this.#deps.db, serial);
      this.#owners.set(serial, owner);
    }
    if (owner === null) return null;
    const known = this.#workspaces.get(owner)?.endpoints.get(serial);
    if (known) return known;
    // It may have been made since its workspace was read here.
    const found = (await this.load(owner))?.endpoints.get(serial) ?? null;
    // What is deleted does not come back.
    if (found === null) this.#owners.set(serial, null);
    return found;
  }

  /** Reads a workspace again; those who ask meanwhile get a reading that began after they asked. */
  async load(workspaceId: string): Promise<WorkspaceView | null> {
    const before = this.#loading.get(workspaceId);
    const loading = (before ?? Promise.resolve(null)).then(
      () => this.#read(workspaceId),
      () => this.#read(workspaceId),
    );
    this.#loading.set(workspaceId, loading);
    try {
      return await loading;
    } finally {
      if (this.#loading.get(workspaceId) === loading) this.#loading.delete(workspaceId);
    }
  }

  /** Compares with the database and reads again what has moved. `instance` is the version seen last. */
  async refresh(): Promise<void> {
    // Readings that are under way may be older than the version that is read next.
    await Promise.allSettled(this.#loading.values());
    const known = new Set(this.#workspaces.keys());
    const versions = await readVersions(this.#deps.db, [...known]);
    // So may those be that have begun since.
    for (const id of new Set([...known, ...this.#workspaces.keys(), ...this.#loading.keys()])) {
      const isCurrent = versions.workspaces.get(id) === this.#workspaces.get(id)?.version;
      if (!known.has(id) || !isCurrent) await this.#loadIfReadable(id);
    }
    if (versions.instance > this.#version) this.#version = versions.instance;
  }

  /** What is wrong with one keeps no change of another from being applied. */
  async #loadIfReadable(workspaceId: string): Promise<void> {
    try {
      await this.load(workspaceId);
    } catch (error) {
      if (!(error instanceof UnreadableWorkspace)) throw error;
    }
  }

  async #read(workspaceId: string): Promise<WorkspaceView | null> {
    const rows = await readDirectory(this.#deps.db, workspaceId);
    const first = rows[0];
    if (!first) {
      this.#workspaces.delete(workspaceId);
      this.#opened.delete(workspaceId);
      return null;
    }
    const current = this.#workspaces.get(workspaceId);
    if (current && current.version > first.version) return current;
    const view = this.#view(workspaceId, first.version, rows);
    this.#workspaces.set(workspaceId, view);
    for (const listener of this.#listeners) listener(view);
    return view;
  }

  #view(workspaceId: string, version: number, rows: readonly DirectoryRow[]): WorkspaceView {
    const known = this.#opened.get(workspaceId) ?? new Map();
    const opened: Opened = new Map();
    try {
      const endpoints = this.#endpoints(rows, known, opened);
      this.#opened.set(workspaceId, opened);
      return workspaceView(workspaceId, version, endpoints);
    } catch (error) {
      // What it was before does not count any more.
      this.#workspaces.delete(workspaceId);
      const told = { err: error, workspace: workspaceId };
      this.#deps.logger.error(told, "a workspace cannot be read: nothing leaves for it from here");
      throw new UnreadableWorkspace(`workspace ${workspaceId} cannot be read`, { cause: error });
    }
  }

  /** `known` is what was opened before, `opened` what is from now on. */
  #endpoints(
    rows: readonly DirectoryRow[],
    known: Opened,
    opened: Opened,
  ): Map<number, EndpointView> {
    const endpoints = new Map<number, EndpointView>();
    for (const row of rows) {
      if (row.id === null) continue;
      let view = endpoints.get(row.serial);
      if (!view) {
        const sending = this.#sending(row, row.id);
        view = endpointView(row, row.id, this.#matcher(row), sending ?? PLAIN);
        view.moves &&= sending !== null;
        endpoints.set(row.serial, view);
        this.#owners.set(row.serial, row.workspaceId);
      }
      const secret = this.#openSecret(row, known, opened);
      if (secret) view.secrets = [...view.secrets, secret];
    }
    // Nothing leaves unsigned, but where the dialect leaves it to the endpoint.
    for (const view of endpoints.values()) {
      view.moves &&= !view.dialect.secret.isMade || view.secrets.length > 0;
    }
    return endpoints;
  }

  /** The API lets in none that cannot be compiled; one that cannot filters nothing, so that nothing is lost. */
  #matcher({ id, filter }: DirectoryRow): Matcher | null {
    if (filter === null) return null;
    const compiled = compileFilter(JSON.parse(filter) as Record<string, unknown>); // as the API let it in
    if (compiled.ok) return compiled.matches;
    const { problems } = compiled;
    this.#deps.logger.error({ endpoint: id, problems }, "a content filter cannot be read");
    return null;
  }

  /** What requests carry of an endpoint's own; null when it cannot be opened. */
  #sending({ headers, auth }: DirectoryRow, id: string): Sending | null {
    if (headers === null && auth === null) return PLAIN;
    const open = (sealed: string | null, column: "headers" | "auth") =>
      sealed === null || sealed.startsWith("{")
        ? sealed
        : this.#deps.openColumn(sealed, column, id);
    try {
      return sendingOf(open(headers, "headers"), open(auth, "auth"), auth);
    } catch (error) {
      this.#deps.logger[levelOf(error)](
        { endpoint: id, error },
        "headers or authentication cannot be opened with any of the master keys; the endpoint stands still",
      );
      return null;
    }
  }

  #openSecret(row: DirectoryRow, known: Opened, opened: Opened): LiveSecret | null {
    if (row.secretId === null || row.sealed === null || row.stage === "staged") return null;
    try {
      const { secretId: id, sealed, secretExpiresAt: expiresAt, resendOn } = row;
      const before = known.get(id);
      const value = before?.sealed === sealed ? before.value : this.#deps.openSecret(sealed, id);
      opened.set(id, { sealed, value });
      return { id, value, expiresAt, resendOn: resendOn ?? [] };
    } catch (error) {
      this.#deps.logger[levelOf(error)](
        { endpoint: row.id, error },
        "a signing secret cannot be opened with any of the master keys; the endpoint stands still",
      );
      return null;
    }
  }
}

/** That a key is missing was told at the start, for everything that it has sealed. */
function levelOf(error: unknown): "debug" | "error" {
  return error instanceof UnknownKey ? "debug" : "error";
}

function endpointView(
  row: DirectoryRow,
  id: string,
  matches: Matcher | null,
  { headers, access, accessKey }: Sending,
): EndpointView {
  const dialect = getDialect(row.dialect);
  const speech = readSpeech(dialect, row);
  return {
    id,
    serial: row.serial,
    workspaceId: row.workspaceId,
    name: row.name,
    ownerAccountId: row.ownerAccountId,
    url: row.url,
    dialect,
    speech,
    subscription: {
      events: row.events,
      channelKinds: row.channelKinds,
      channelIds: row.channelIds,
      accountIds: row.accountIds,
      campaignIds: row.campaignIds,
      ownerAccountId: row.ownerAccountId,
      matches,
      vocabulary: vocabularyOf(dialect, speech),
    },
    schedule: row.retrySchedule ?? dialect.schedule,
    timeoutMs: row.timeoutMs ?? dialect.timeoutMs,
    holdKey: row.holdKey,
    keepsOrder: row.ordering === "conversation",
    rateLimit: row.rateLimit,
    isBehind: row.isBehind,
    catchesUp: row.catchesUp,
    headers,
    access,
    connectionKey: accessKey === "" ? row.url : `${accessKey} ${row.url}`,
    secrets: [],
    collects:
      row.state === "enabled" ||
      row.state === "paused" ||
      (row.state === "disabled" && row.disabledBy !== "user"),
    moves: row.state === "enabled",
  };
}

function workspaceView(
  id: string,
  version: number,
  endpoints: Map<number, EndpointView>,
): WorkspaceView {
  const all = [...endpoints.values()];
  const addressees = new Addressees(all.filter((endpoint) => endpoint.collects));
  return {
    id,
    version,
    endpoints,
    remembers: all.some(({ speech }) => Number(speech.options["history_messages"]) > 0),
    isPlain: !all.some((endpoint) => endpoint.keepsOrder || endpoint.isBehind),
    targets: (event, body) => addressees.of(event, body),
  };
}
