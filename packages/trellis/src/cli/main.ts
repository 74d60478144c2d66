import { systemClock, systemRandom } from "../runtime/system-clock.ts";

// What a supervisor starts runs this same file.
if (process.argv[2] === "instance-process") {
  const { serveInstance } = await import("./running/serve-instance.ts");
  await serveInstance(systemClock);
} else if (process.argv[2] === "gateway-process") {
  const { serveGateway } = await import("./running/serve-gateway.ts");
  await serveGateway(systemClock);
} else {
  const [{ dispatch }, { output }, { stopSignals }] = await Promise.all([
    import("./dispatch.ts"),
    import("./output.ts"),
    import("./running/stop-signals.ts"),
  ]);
  const words = process.argv.slice(2);
  // Whoever reads may stop reading, as `head` does: the command goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  process.exitCode = await dispatch(words, {
    environment: process.env,
    folder: process.cwd(),
    output: output(words.includes("--json"), {
      out: (text) => void process.stdout.write(text),
      error: (text) => void process.stderr.write(text),
    }),
    clock: systemClock,
    random: systemRandom,
    signals: stopSignals(systemClock),
  });
}
