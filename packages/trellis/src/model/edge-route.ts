/**
 * The header in which an instance tells the edge cache which route has answered, `GET /:code`, so that hits can be
 * counted by route. It goes no further than to the gateway.
 */
export const edgeRouteHeader = "trellis-edge-route";
