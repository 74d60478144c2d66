export { linksContract } from "./contract.ts";
export { links } from "./service.ts";
