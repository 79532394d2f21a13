import { openChannelUpkeep } from "./app/channel-upkeep.ts";
import { openDelivery } from "./app/delivery.ts";
import { type Entrance, openEntrance } from "./app/entrance.ts";
import { openFront } from "./app/front.ts";
import { closeInTime, type Ground, openGround } from "./app/ground.ts";
import { openInbox } from "./app/inbox.ts";
import { openInstance, watchInstance } from "./app/instance.ts";
import { openLinks } from "./app/links.ts";
import { openMedia } from "./app/media.ts";
import { openOutbound } from "./app/outbound.ts";
import { openOutbox, startOutbox } from "./app/outbox.ts";
import { openProviders } from "./app/providers.ts";
import { openSignIn, openSignInSecret } from "./app/sign-in.ts";
import type { Config } from "./config/config.ts";
import { createAuthenticator } from "./http/access/authentication.ts";
import { SchemaCheck } from "./http/events/schema-check.ts";

export interface App {
  url: string;
  /** Only when it was made just now: nobody can show it again. */
  adminKey: string | null;
  close(): Promise<void>;
}

/** Everything that Curlew is, built from its configuration and running. */
export async function startApp(config: Config, { version = "0.0.0" } = {}): Promise<App> {
  const entrance = await openEntrance(config);
  try {
    const ground = await openGround(config, version, entrance.onStage);
    try {
      return await build(ground, entrance);
    } catch (error) {
      await ground.closing.close();
      throw error;
    }
  } catch (error) {
    await entrance.door.close();
    throw error;
  }
}

/** What a server is made of: built from the ground up, then started in the same order. */
async function build(ground: Ground, { door, onStage }: Entrance): Promise<App> {
  const { config, db, clock, logger, closing } = ground;
  const outbound = openOutbound(ground);
  const instance = await openInstance(ground);
  const { adminDigest, defaultWorkspaceId } = instance;
  const authenticator = createAuthenticator({ db, clock, logger, adminDigest, defaultWorkspaceId });
  closing.add(() => authenticator.close());
  const schemas = new SchemaCheck(db, clock);
  const signInSecret = await openSignInSecret(ground);
  const signIn = openSignIn(ground, signInSecret);
  const links = openLinks(ground, { ownAddress: outbound.ownAddress, signInSecret });
  const onConfig = (workspaceId: string | null) => {
    authenticator.invalidate(workspaceId ?? undefined);
    schemas.invalidate(workspaceId);
  };
  const delivery = openDelivery(ground, { outbound, links, onConfig });
  const providers = openProviders(ground, { outbound, signInSecret });
  const outbox = openOutbox(ground, { delivery, providers, links });
  const media = await openMedia(ground, { outbound, providers, delivery });
  const inbox = openInbox(ground, { delivery, providers, media, links });
  const upkeep = openChannelUpkeep(ground, { delivery, providers, outbox });
  const front = openFront(ground, {
    ...{ instance, authenticator, schemas, signIn, outbound, links },
    ...{ delivery, providers, outbox, media, inbox, upkeep, door },
  });

  onStage("its engine is started");
  await delivery.start();
  startOutbox(ground, outbox);
  delivery.startJobs();
  const rounds = delivery.startRounds();
  watchInstance(ground, rounds);
  upkeep.start(rounds);
  media.start(rounds);
  inbox.start(rounds);
  front.start(rounds);
  closing.add(() => rounds.stop());
  const url = front.serve();
  instance.keepAdminKey();
  logger.info({ url, role: config.role }, "Curlew serves");
  return { url, adminKey: instance.madeAdminKey, close: () => closeInTime(ground) };
}
