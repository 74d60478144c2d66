import { app } from "trellis";
import { links } from "./apps/links/src/index.ts";

export default app({ services: [links] });
