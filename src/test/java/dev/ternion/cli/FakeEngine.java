package dev.ternion.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** An engine that gives fixed answers. */
public final class FakeEngine implements Engine {
    static final Comparison EQUAL = new Comparison("Add", "one", "forward", "equal bytes", "equal bytes", true);
    static final Comparison FAR = new Comparison("Gelu", "big", "gradient of x", "2e-5", "3.1e-2", false);

    @Override
    public List<Check> doctor() {
        return List.of(Check.ok("native library", "loaded"), Check.warn("CPU features", "SSE2", "Use another CPU."));
    }

    @Override
    public List<Check> devices() {
        return List.of(Check.ok("cpu", "cpu SSE2, 1 thread"), Check.warn("cuda", "no driver", "Install one."));
    }

    @Override
    public void writeStarterEncoder(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), "{}");
    }

    @Override
    public void conformance(String device, boolean large, Consumer<Comparison> each) throws EngineException {
        if (device.equals("cuda:9")) {
            throw new EngineException("device \"cuda:9\": this machine has 1", null);
        }
        each.accept(EQUAL);
        if (device.equals("cuda:1")) {
            each.accept(FAR);
        }
    }

    @Override
    public void bench(BenchRequest request, Consumer<Map<String, Object>> each) {
        each.accept(Map.of("part", request.part(), "device", request.device(), "repeats", request.repeats()));
    }
}
