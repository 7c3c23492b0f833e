package dev.ternion.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares a device with the CPU, operation by operation. */
@Command(
        name = "conformance",
        description = {
            "Runs every operation, the optimizers and a student's forward pass on a device and on the CPU, and recorded steps.",
            "Forward results must be equal bytes; gradients must be close, and the same bytes again."
        })
final class ConformanceCommand implements Callable<Integer> {
    /** Which sizes to run. */
    enum Sizes {
        SMALL,
        ALL
    }

    private final Session session;

    @Option(
            names = "--device",
            defaultValue = "cuda:0",
            paramLabel = "DEVICE",
            description = "Device, as in a job. Default: cuda:0.")
    private String device;

    @Option(
            names = "--sizes",
            paramLabel = "small|all",
            description = "small: awkward small sizes; all: real encoders' too. Default: all on cuda, else small.")
    private Sizes sizes;

    ConformanceCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        boolean large = sizes == null ? device.startsWith("cuda") : sizes == Sizes.ALL;
        List<Engine.Comparison> all = new ArrayList<>();
        Map<String, int[]> counts = new LinkedHashMap<>();
        try {
            session.engine().conformance(device, large, comparison -> {
                all.add(comparison);
                int[] count = counts.computeIfAbsent(comparison.operation(), name -> new int[2]);
                count[comparison.passed() ? 0 : 1]++;
                if (!comparison.passed()) {
                    session.say("FAIL  " + text(comparison));
                }
            });
        } catch (Engine.EngineException e) {
            throw new CliException(ExitCode.USAGE, e.getMessage());
        }
        counts.forEach((name, count) -> session.say(String.format(
                "%-4s  %s: %d equal or close, %d not", count[1] == 0 ? "OK" : "FAIL", name, count[0], count[1])));
        long failed = all.stream().filter(comparison -> !comparison.passed()).count();
        session.say("conformance " + device + ": " + all.size() + " comparisons, " + failed + " failed");
        session.json(json(all, failed));
        return failed == 0 && !all.isEmpty() ? ExitCode.OK : ExitCode.JOB_FAILED;
    }

    private static String text(Engine.Comparison c) {
        return c.operation() + ", " + c.size() + ", " + c.part() + ": " + c.seen() + "; wanted " + c.wanted();
    }

    private String json(List<Engine.Comparison> all, long failed) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("device", device)
                .put("verdict", failed == 0 ? "passed" : "failed")
                .put("comparisons", all.size())
                .put("failed", failed);
        ArrayNode results = root.putArray("results");
        for (Engine.Comparison c : all) {
            results.addObject()
                    .put("operation", c.operation())
                    .put("size", c.size())
                    .put("part", c.part())
                    .put("wanted", c.wanted())
                    .put("seen", c.seen())
                    .put("passed", c.passed());
        }
        return root.toPrettyString();
    }
}
