import { useQuery } from "@tanstack/react-query";
import { formatDuration, StaleLine } from "trellis-ui";
import { operations } from "../api.ts";
import { maySee, sessionQuery } from "../session/session.ts";

/** Less than this is on its way, not behind. */
const behindFromMs = 5_000;

/** Says that clicks are counted late, by how much and why. Only to who may know. */
export function BehindLine() {
  const { data: who } = useQuery({ ...sessionQuery, enabled: false });
  const { data } = useQuery({
    queryKey: ["operations", "streams"],
    queryFn: ({ signal }) => operations.streams({}, { signal }),
    enabled: maySee(who?.scopes, "operations:read"),
    refetchInterval: 10_000,
  });
  const clicks = data?.streams.find(({ service, name }) => service === "links" && name === "clicks");
  const ages = [
    ...(clicks?.groups.map(({ oldestAgeMs }) => oldestAgeMs) ?? []),
    ...(data?.spools.map(({ oldestAgeMs }) => oldestAgeMs) ?? []),
  ];
  const behindMs = Math.max(0, ...ages);
  if (behindMs < behindFromMs) return null;
  const because = data?.spools.find(({ behindBecause }) => behindBecause !== null)?.behindBecause;
  return (
    <StaleLine>
      Clicks are {formatDuration(behindMs)} behind: {because ?? "more came than were counted"}. None is lost.
    </StaleLine>
  );
}
