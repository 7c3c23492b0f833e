package dev.ternion.bench;

import dev.ternion.backend.Device;
import dev.ternion.training.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The parts that can be timed, each over a list of cases that suits the device. */
public final class Bench {
    /** Names of the parts. */
    public static final List<String> PARTS = List.of("step", "gemm", "attention", "optimizer");

    private Bench() {}

    /**
     * Times a part.
     *
     * @param part one of {@link #PARTS}
     * @param repeats timed runs of each case; the row has median, least and greatest
     * @param precision of the steps' products that need not be exact; the other parts do not read it
     * @param each gets every row as it is measured, units in the names; a case that fails gives a row with "error"
     */
    public static void run(
            String part, Device device, int repeats, Precision precision, Consumer<Map<String, Object>> each) {
        Cases cases = Cases.of(device);
        Consumer<Map<String, Object>> out = row -> {
            Map<String, Object> full = new LinkedHashMap<>();
            full.put("part", part);
            full.put("device", device.description());
            full.putAll(row);
            each.accept(full);
        };
        switch (part) {
            case "step" ->
                cases.steps()
                        .forEach(c -> guarded(out, c.fields(), () -> StepBench.run(device, c, repeats, precision)));
            case "gemm" ->
                cases.products().forEach(c -> guarded(out, c.fields(), () -> GemmBench.run(device, c, repeats)));
            case "attention" ->
                cases.attentions().forEach(c -> guarded(out, c.fields(), () -> AttentionBench.run(device, c, repeats)));
            case "optimizer" ->
                cases.optimizers().forEach(c -> guarded(out, c.fields(), () -> OptimizerBench.run(device, c, repeats)));
            default -> throw new IllegalArgumentException("part is \"" + part + "\", wanted one of " + PARTS);
        }
    }

    /** Times one case. */
    interface Timed {
        Map<String, Object> run();
    }

    private static void guarded(Consumer<Map<String, Object>> out, Map<String, Object> fields, Timed timed) {
        Map<String, Object> row = new LinkedHashMap<>(fields);
        try {
            row.putAll(timed.run());
        } catch (RuntimeException e) {
            row.put("error", String.valueOf(e.getMessage()));
        }
        out.accept(row);
    }
}
