import type { NatsConnection } from "@vivified/runtime";

/** Knows whether the connection to NATS is up, from what the client says of it. */
export class ConnectionWatch {
  #connected = true;

  constructor(connection: NatsConnection) {
    void this.#follow(connection);
  }

  get connected(): boolean {
    return this.#connected;
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === "disconnect" || type === "close") this.#connected = false;
      if (type === "reconnect") this.#connected = true;
    }
  }
}
