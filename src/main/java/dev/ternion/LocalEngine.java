package dev.ternion;

import dev.ternion.backend.BackendException;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.bench.Bench;
import dev.ternion.cli.Check;
import dev.ternion.cli.Engine;
import dev.ternion.conformance.Conformance;
import dev.ternion.training.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The engine of this process. */
final class LocalEngine implements Engine {
    private static final int MAX_DEVICES = 64;

    @Override
    public List<Check> doctor() {
        List<Check> checks = new ArrayList<>();
        try (Device device = Backends.open("cpu", 1)) {
            String best = device.description();
            checks.add(Check.ok("native library", best));
            checks.add(
                    best.contains("AVX")
                            ? Check.ok("CPU features", best)
                            : Check.warn("CPU features", best, "training is slow without AVX2; use another machine"));
            checks.addAll(cuda());
        } catch (BackendException e) {
            checks.add(Check.fail("native library", e.getMessage(), "run ./mvnw package, then try again"));
        }
        return checks;
    }

    @Override
    public List<Check> devices() {
        List<Check> devices = new ArrayList<>();
        int threads = Runtime.getRuntime().availableProcessors();
        try (Device device = Backends.open("cpu", threads)) {
            devices.add(Check.ok("cpu", device.description()));
            devices.addAll(cuda());
        } catch (BackendException e) {
            devices.add(Check.fail("cpu", e.getMessage(), "run ./mvnw package, then try again"));
        }
        return devices;
    }

    /** CUDA devices in order, or why there is none: the CPU goes on without. */
    private static List<Check> cuda() {
        List<Check> found = new ArrayList<>();
        for (int i = 0; i < MAX_DEVICES; i++) {
            String name = "cuda:" + i;
            try (Device device = Backends.open(name, 1)) {
                found.add(Check.ok(name, device.description()));
                if (i == 0) {
                    Backends.cublasLt().ifPresent(file -> found.add(Check.ok("cuBLASLt", file.toString())));
                }
            } catch (BackendException e) {
                if (i == 0) {
                    found.add(Check.warn("cuda", e.getMessage(), "jobs can use \"cpu\" without it"));
                }
                break;
            }
        }
        return found;
    }

    @Override
    public void writeStarterEncoder(Path folder) throws IOException {
        StarterEncoder.write(folder);
    }

    @Override
    public void conformance(String device, boolean large, Consumer<Comparison> each) throws EngineException {
        try (Device cpu = Backends.open("cpu", Runtime.getRuntime().availableProcessors());
                Device other = Backends.open(device, 1)) {
            Conformance.run(
                    cpu,
                    other,
                    large ? Conformance.Sizes.ALL : Conformance.Sizes.SMALL,
                    r -> each.accept(
                            new Comparison(r.operation(), r.size(), r.part(), r.wanted(), r.seen(), r.passed())));
        } catch (BackendException e) {
            throw new EngineException(e.getMessage(), e);
        }
    }

    @Override
    public void bench(BenchRequest request, Consumer<Map<String, Object>> each) throws EngineException {
        int threads = Runtime.getRuntime().availableProcessors();
        try (Device device = Backends.open(request.device(), threads)) {
            Bench.run(request.part(), device, request.repeats(), Precision.valueOf(request.precision()), each);
        } catch (BackendException e) {
            throw new EngineException(e.getMessage(), e);
        }
    }
}
