import { Download } from "lucide-react";
import type { paths } from "../../api/__generated__/schema.ts";
import { api, taken } from "../../api/client.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Menu, MenuItem } from "../../parts/controls/menu.tsx";
import { OnDemand } from "../../parts/late/on-demand.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { deliveryWords } from "../../words/index.ts";

type Query = NonNullable<paths["/v1/deliveries/export"]["get"]["parameters"]["query"]>;
type Format = NonNullable<Query["format"]>;

const words = deliveryWords.export;
const FORMATS: readonly Format[] = ["csv", "ndjson"];

/** All that match the filters, as one file. */
export function ExportMenu({ query }: { query: Omit<Query, "format"> }) {
  const save = useAct({
    does: async (format: Format) => {
      const params = { query: { ...query, format } };
      saveAs(
        await taken(api.GET("/v1/deliveries/export", { params, parseAs: "blob" })),
        `deliveries.${format}`,
      );
    },
    changes: [],
    failed: words.failed,
  });
  return (
    <OnDemand
      face={
        <Button icon={Download} busy={save.isBusy}>
          {words.button}
        </Button>
      }
      open={(trigger) => (
        <Menu trigger={trigger} defaultOpen>
          {FORMATS.map((format) => (
            <MenuItem key={format} onClick={() => void save.run(format)}>
              {words.formats[format]}
            </MenuItem>
          ))}
        </Menu>
      )}
    />
  );
}

function saveAs(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
