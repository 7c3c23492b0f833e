package dev.ternion.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Times a part of the engine on a device. */
@Command(
        name = "bench",
        description = "Times a part of the engine: step (a whole TI-QAT step), gemm, attention or optimizer.")
final class BenchCommand implements Callable<Integer> {
    /** What can be timed. */
    enum Part {
        STEP,
        GEMM,
        ATTENTION,
        OPTIMIZER
    }

    /** As in a QAT job. */
    enum Precision {
        FP32,
        BF16
    }

    private static final int MAX_REPEATS = 1000;

    private final Session session;

    @Parameters(index = "0", paramLabel = "step|gemm|attention|optimizer", description = "What to time.")
    private Part part;

    @Option(
            names = "--device",
            defaultValue = "cpu",
            paramLabel = "DEVICE",
            description = "Device, as in a job. Default: cpu.")
    private String device;

    @Option(
            names = "--repeats",
            defaultValue = "7",
            paramLabel = "N",
            description = "Timed runs of each case, 1 to 1000. Default: 7.")
    private int repeats;

    @Option(
            names = "--precision",
            defaultValue = "fp32",
            paramLabel = "fp32|bf16",
            description = "Precision of a step, as in a QAT job. Default: fp32.")
    private Precision precision;

    @Option(names = "--json", description = "JSON on stdout, also in a terminal; the same as -o json.")
    private boolean json;

    BenchCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        if (repeats < 1 || repeats > MAX_REPEATS) {
            throw new CliException(ExitCode.USAGE, "--repeats is " + repeats + "; wanted 1 to " + MAX_REPEATS);
        }
        if (precision != Precision.FP32 && part != Part.STEP) {
            throw new CliException(ExitCode.USAGE, "--precision is " + precision + "; only a step has one");
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        try {
            String name = part.name().toLowerCase(Locale.ROOT);
            session.engine().bench(new Engine.BenchRequest(name, device, repeats, precision.name()), row -> {
                rows.add(row);
                session.say(text(row));
            });
        } catch (Engine.EngineException e) {
            throw new CliException(ExitCode.USAGE, e.getMessage());
        }
        String array =
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(rows);
        if (json) {
            session.out().println(array);
        } else {
            session.json(array);
        }
        return rows.stream().anyMatch(row -> row.containsKey("error")) ? ExitCode.JOB_FAILED : ExitCode.OK;
    }

    private static String text(Map<String, Object> row) {
        return row.entrySet().stream()
                .filter(field ->
                        !field.getKey().equals("part") && !field.getKey().equals("device"))
                .map(field -> field.getKey() + " " + text(field.getValue()))
                .collect(Collectors.joining("  "));
    }

    private static String text(Object value) {
        return value instanceof Double number ? String.format(Locale.ROOT, "%.4g", number) : String.valueOf(value);
    }
}
