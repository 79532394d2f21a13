import type {
  Interactive,
  InteractiveHeader,
  ListRow,
  ProductAction,
} from "../../core/sending/outgoing.ts";

/** The `interactive` object that WhatsApp makes buttons, lists and links of. */
export function interactiveOf(interactive: Interactive): object {
  const { body, header, footer } = interactive;
  return {
    ...(header === undefined ? {} : { header: headerOf(header) }),
    ...(body === "" ? {} : { body: { text: body } }),
    ...(footer === undefined ? {} : { footer: { text: footer } }),
    ...actionOf(interactive),
  };
}

function headerOf(header: InteractiveHeader): object {
  if (header.type === "text") return header;
  return { type: header.type, [header.type]: { link: header.url } };
}

function actionOf(interactive: Interactive): object {
  switch (interactive.kind) {
    case "buttons": {
      const buttons = interactive.actions.map((reply) => ({ type: "reply", reply }));
      return { type: "button", action: { buttons } };
    }
    case "list": {
      const sections = sectionsOf(interactive.actions, ({ section: _, ...row }: ListRow) => row);
      const rows = sections.map(({ items, ...title }) => ({ ...title, rows: items }));
      return { type: "list", action: { button: interactive.button, sections: rows } };
    }
    case "cta_url": {
      const [link] = interactive.actions;
      const parameters = { display_text: link?.title, url: link?.url };
      return { type: "cta_url", action: { name: "cta_url", parameters } };
    }
    case "location_request":
      return { type: "location_request_message", action: { name: "send_location" } };
    case "flow": {
      const [flow] = interactive.actions;
      if (flow === undefined) throw new Error("a flow without its action");
      const { title, flow_id, flow_token, screen, data } = flow;
      const payload = screen === undefined ? {} : { screen, ...(data ? { data } : {}) };
      const parameters = {
        flow_message_version: "3",
        flow_id,
        flow_cta: title,
        ...(flow_token === undefined ? {} : { flow_token }),
        ...(screen === undefined ? {} : { flow_action: "navigate", flow_action_payload: payload }),
      };
      return { type: "flow", action: { name: "flow", parameters } };
    }
    case "product":
      return productsOf(interactive.actions);
    case "carousel":
      throw new Error("WhatsApp takes carousels in its own form alone");
  }
}

function productsOf(products: readonly ProductAction[]): object {
  const [first, ...others] = products;
  const catalog_id = first?.catalog_id;
  if (others.length === 0) {
    const action = { catalog_id, product_retailer_id: first?.product_id };
    return { type: "product", action };
  }
  const sections = sectionsOf(products, ({ product_id }: ProductAction) => ({
    product_retailer_id: product_id,
  })).map(({ items, ...title }) => ({ ...title, product_items: items }));
  return { type: "product_list", action: { catalog_id, sections } };
}

/** What stands under one title together, in the order in which titles first appear. */
function sectionsOf<Item extends { section?: string | undefined }, Shown>(
  items: readonly Item[],
  show: (item: Item) => Shown,
): { title?: string; items: Shown[] }[] {
  const sections = new Map<string | undefined, Shown[]>();
  for (const item of items) {
    const rows = sections.get(item.section) ?? [];
    rows.push(show(item));
    sections.set(item.section, rows);
  }
  return [...sections].map(([title, shown]) => ({
    ...(title === undefined ? {} : { title }),
    items: shown,
  }));
}
