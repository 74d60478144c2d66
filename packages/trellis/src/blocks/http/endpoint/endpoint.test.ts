import { httpTransport } from "../client/http-transport.ts";
import { endpointContract } from "./endpoint.contract.ts";
import { shopContract } from "./shop.contract.ts";

endpointContract("in process", ({ http }, call) => http.dispatch(call));
endpointContract("over HTTP", ({ url }, call) => httpTransport(shopContract, { url })(call));
endpointContract("by frames", ({ url }, call) => httpTransport(shopContract, { url })(call), "by frames");
